"""Any path of the API, written as JSON: how a database's root password is rotated, for one."""

import json
from dataclasses import dataclass, field
from typing import Any

from pulumi_vault import generic

from ..frame.row import Row, Written
from ..frame.values import Properties
from .api import Vault
from .conversions import same_json
from .path_row import words


def _is_json_object(inputs: Properties) -> tuple[str, str] | None:
    text = inputs["dataJson"]
    try:
        good = not isinstance(text, str) or isinstance(json.loads(text), dict)
    except ValueError:
        good = False
    return None if good else ("dataJson", "dataJson must be the JSON text of an object: use json.dumps({...})")


@dataclass(frozen=True, kw_only=True)
class EndpointRow(Row[Vault]):
    """A write to a path, and as far as it is not disabled a read and a delete of it."""

    rules: tuple[Any, ...] = field(default=(_is_json_object,))

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Write the data and keep of the answer what `writeFields` names."""
        return Written(inputs["path"], self._answer(server, inputs))

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Read the path, unless reading is disabled."""
        state: Properties = {
            "path": identity,
            "dataJson": _compact(json.loads(known.get("dataJson") or "{}")),
            **{name: bool(known.get(name)) for name in ("disableRead", "disableDelete", "ignoreAbsentFields")},
            **{name: known.get(name) for name in ("writeFields", "writeData", "writeDataJson", "namespace")},
        }
        if state["disableRead"]:
            return state
        told = server.within(known.get("namespace")).read(identity)
        if told is None:
            return None
        if state["ignoreAbsentFields"]:
            given = json.loads(state["dataJson"])
            told = {**given, **{name: value for name, value in told.items() if name in given}}
        return {**state, "dataJson": _compact(told)}

    def update(self, server: Vault, identity: str, state: Properties, inputs: Properties) -> Properties:  # noqa: ARG002
        """Write the data again."""
        return self._answer(server, inputs)

    def delete(self, server: Vault, identity: str, state: Properties) -> None:
        """Delete the path, unless deleting is disabled."""
        if not state.get("disableDelete"):
            server.within(state.get("namespace")).delete(identity)

    def _answer(self, server: Vault, inputs: Properties) -> Properties:
        answer = server.within(inputs.get("namespace")).write(inputs["path"], json.loads(inputs["dataJson"]))
        if answer is None:
            return {"writeData": {}, "writeDataJson": "null"}
        kept = {name: answer[name] for name in inputs.get("writeFields") or [] if name in answer}
        texts = {name: value if isinstance(value, str) else _compact(value) for name, value in kept.items()}
        return {"writeData": texts, "writeDataJson": _compact(kept)}


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


ROWS = (
    EndpointRow(
        resource=generic.Endpoint,
        replaces=words("namespace path"),
        secret=words("dataJson"),
        same={"dataJson": same_json},
    ),
)
