"""The provider protocol from the engine's side, in plain JSON as the recordings of the official provider have it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from strongroom_sandbox.providers.packages import PACKAGES

Json = dict[str, Any]
SECRET_KEY = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_START_SECONDS = 60


class ProviderError(Exception):
    """What the engine would show of a failed request."""

    kept: str = ""
    """Id of the resource that the engine keeps in its state although the request failed."""


class Engine:
    """Speaks to one provider as the Pulumi engine does."""

    def __init__(self, channel: grpc.Channel, port: int = 0) -> None:
        self.port = port
        self.stub = provider_pb2_grpc.ResourceProviderStub(channel)

    @contextmanager
    def another(self) -> Iterator["Engine"]:
        """A further connection to the same process, as for a further provider of a program."""
        # A pool of its own: gRPC would otherwise share the connection of whoever asked before.
        with grpc.insecure_channel(f"127.0.0.1:{self.port}", [("grpc.use_local_subchannel_pool", 1)]) as channel:
            yield Engine(channel, self.port)

    def check_config(self, configuration: Json) -> Json:
        """Ask whether a configuration is good; returns the failures by property."""
        urn = "urn:pulumi:test::test::pulumi:providers:vault::default"
        answer = self._call("CheckConfig", proto.CheckRequest(urn=urn, news=_struct(configuration)))
        return {failure.property: failure.reason for failure in answer.failures}

    def configure(self, configuration: Json) -> None:
        """Configure the provider, with the values also as text, as the engine does."""
        self._call("Configure", proto.ConfigureRequest(args=_struct(configuration), acceptSecrets=True))

    def check(self, token: str, inputs: Json, olds: Json | None = None, name: str = "it") -> tuple[Json, Json]:
        """Return the checked inputs, and the failures by property."""
        answer = self._call(
            "Check",
            proto.CheckRequest(urn=_urn(token, name), news=_struct(inputs), olds=_struct(olds or {}), randomSeed=b"s"),
        )
        return _json(answer.inputs), {failure.property: failure.reason for failure in answer.failures}

    def diff(self, token: str, identity: str, state: Json, inputs: Json, ignore: Sequence[str] = ()) -> Json:
        """Return the difference in the recordings' form, without the properties that a program ignores."""
        request = proto.DiffRequest(
            urn=_urn(token), id=identity, olds=_struct(state), news=_struct(inputs), ignoreChanges=ignore
        )
        return json_format.MessageToDict(self._call("Diff", request))

    def create(self, token: str, inputs: Json, preview: bool = False) -> tuple[str, Json]:
        """Return id and state."""
        request = proto.CreateRequest(urn=_urn(token), properties=_struct(inputs), preview=preview)
        answer = self._call("Create", request)
        return answer.id, _json(answer.properties)

    def read(self, token: str, identity: str, state: Json | None = None, inputs: Json | None = None) -> Json:
        """Return id, properties and inputs; the id is empty if it is gone."""
        request = proto.ReadRequest(
            urn=_urn(token), id=identity, properties=_struct(state or {}), inputs=_struct(inputs or {})
        )
        answer = self._call("Read", request)
        return {"id": answer.id, "properties": _json(answer.properties), "inputs": _json(answer.inputs)}

    def update(self, token: str, identity: str, state: Json, inputs: Json, preview: bool = False) -> Json:
        """Return the new state."""
        request = proto.UpdateRequest(
            urn=_urn(token), id=identity, olds=_struct(state), news=_struct(inputs), preview=preview
        )
        return _json(self._call("Update", request).properties)

    def delete(self, token: str, identity: str, state: Json) -> None:
        """Delete the resource."""
        self._call("Delete", proto.DeleteRequest(urn=_urn(token), id=identity, properties=_struct(state)))

    def schema(self) -> str:
        """Ask for the package's schema."""
        return str(self._call("GetSchema", proto.GetSchemaRequest()).schema)

    def invoke(self, token: str, arguments: Json) -> Json:
        """Call a function."""
        answer = self._call("Invoke", proto.InvokeRequest(tok=token, args=_struct(arguments)))
        return _json(getattr(answer, "return"))

    def made(self, token: str, inputs: Json) -> tuple[str, Json, Json]:
        """Check and create; return id, state and the checked inputs."""
        checked, failures = self.check(token, inputs)
        if failures:
            raise AssertionError(f"{token}: {failures}")
        identity, state = self.create(token, checked)
        return identity, state, checked

    def _call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self.stub, method)(request)
        except grpc.RpcError as error:
            failed = ProviderError(error.details())
            failed.kept = _kept(error)
            raise failed from None


@contextmanager
def serving(file: Path, environment: dict[str, str], package: str = "vault") -> Iterator[Engine]:
    """Start the stand-in's process with the file it needs, and attach to it; whatever happens it is stopped."""
    command = [sys.executable, "-m", "strongroom_sandbox.providers", package, PACKAGES[package].option, str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        served, _, port = process.stdout.readline().strip().partition(":")
        assert served == package, f"the stand-in did not start: {process.communicate()[1]}"
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            grpc.channel_ready_future(channel).result(_START_SECONDS)
            engine = Engine(channel, int(port))
            engine.stub.Attach(proto.PluginAttach(address="127.0.0.1:0"))
            yield engine
    finally:
        process.terminate()
        process.communicate(timeout=_START_SECONDS)


def _kept(error: grpc.RpcError) -> str:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            detail = provider_pb2.ErrorResourceInitFailed()
            if status_pb2.Status.FromString(value).details[0].Unpack(detail):
                return str(detail.id)
    return ""


def revealed(value: Any) -> Any:
    """Return `value` without secret marks."""
    if isinstance(value, dict):
        if value.get(SECRET_KEY) == SECRET_SIGNATURE:  # of the same form, an archive has another
            return revealed(value["value"])
        return {name: revealed(item) for name, item in value.items()}
    return [revealed(item) for item in value] if isinstance(value, list) else value


def secret(value: Any) -> Json:
    """Return `value` marked as a secret on the wire."""
    return {SECRET_KEY: SECRET_SIGNATURE, "value": value}


def _urn(token: str, name: str = "it") -> str:
    return f"urn:pulumi:test::test::{token}::{name}"


def _struct(values: Json) -> struct_pb2.Struct:
    return json_format.ParseDict(values, struct_pb2.Struct())


def _json(values: struct_pb2.Struct) -> Json:
    # json.loads tells whole numbers, which is how the recordings were written
    parsed: Json = json.loads(json_format.MessageToJson(values), parse_float=_number)
    return parsed


def _number(text: str) -> float:
    return int(float(text)) if float(text).is_integer() else float(text)
