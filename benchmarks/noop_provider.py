"""A `vault` provider that does nothing: what is then measured is Pulumi, and what we add to it."""

import os

from pulumi.provider.experimental import provider as protocol

from strongroom_sandbox.providers.frame.serve import serve


class Noop(protocol.Provider):
    """Every resource is as its inputs say, at once."""

    async def check_config(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        return protocol.CheckResponse(request.new_inputs)

    async def configure(self, request: protocol.ConfigureRequest) -> protocol.ConfigureResponse:
        return protocol.ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def check(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        return protocol.CheckResponse(request.new_inputs)

    async def diff(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        return protocol.DiffResponse(changes=False)

    async def create(self, request: protocol.CreateRequest) -> protocol.CreateResponse:
        return protocol.CreateResponse(None if request.preview else request.name, request.properties)

    async def delete(self, request: protocol.DeleteRequest) -> None:
        return None


if __name__ == "__main__":
    serve("vault", os.environ.get("PROVIDER_VERSION", "7.14.0"), Noop())
