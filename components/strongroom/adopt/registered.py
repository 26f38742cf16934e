"""What the program of a stack registers, without an engine: the program itself runs, and what it asks is noted.

So names, parents and types in the import file are those that `pulumi up` will use, whatever components do. Nothing is
made: what a resource answers is what the server says of the thing that is there.
"""

from dataclasses import dataclass
from typing import Any

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import mocks, rpc

from strongroom.adopt.places import Places
from strongroom.adopt.without_engine import run
from strongroom.plan.plan import Plan
from strongroom.program import deploy
from strongroom.stage import Stage

_STACK = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class Registered:
    """One resource of the program."""

    type: str
    name: str
    parent: str
    """The name of the component that it belongs to; empty: the stack itself."""
    custom: bool
    """False: a component."""
    inputs: dict[str, Any]
    """Plain; of a secret, the word that it is one."""
    id: str | None
    """On the server; None: it is not there."""


class _Server(mocks.Mocks):
    def __init__(self, places: Places) -> None:
        self._places = places
        self.ids: dict[tuple[str, str], str | None] = {}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        identity = self._places.id_of(args.typ, args.inputs) if args.custom else None
        self.ids[args.typ, args.name] = identity
        outputs = {**args.inputs}
        if args.typ.endswith(":AuthBackend"):
            outputs["accessor"] = self._places.accessor(str(args.inputs.get("path") or args.inputs.get("type")))
        return identity or f"{args.name}-is-not-there", outputs

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError(f"the program asks {args.token}, which only an engine can answer")


class _Monitor(mocks.MockMonitor):
    def __init__(self, server: _Server) -> None:
        super().__init__(server)
        self.requests: list[Any] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  gRPC's name
        if request.type != _STACK:
            self.requests.append(request)
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


def registered(plan: Plan, places: Places, project: str, stack: str) -> list[Registered]:
    """Every resource that the program of a plan registers, in order. Raises what the program raises, or ServerError."""
    server = _Server(places)
    monitor = _Monitor(server)

    run(lambda: deploy(plan, Stage(secret=_reference)), server, monitor, project=project, stack=stack)
    return [_registered(request, server) for request in monitor.requests]


def _reference(kind: str, name: str) -> pulumi.Output[str]:
    """Stands for a value, which is not needed to find out what there is."""
    return pulumi.Output.secret(f"{kind} {name}")


def _registered(request: Any, server: _Server) -> Registered:
    parent_type = request.parent.split("::")[-2].rpartition("$")[2] if request.parent else _STACK
    return Registered(
        type=request.type,
        name=request.name,
        parent="" if parent_type == _STACK else request.parent.rpartition("::")[2],
        custom=request.custom,
        inputs=_plain(MessageToDict(request.object)),
        id=server.ids.get((request.type, request.name)),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if rpc._special_sig_key in value:
            return "[secret]"
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
