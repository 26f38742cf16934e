"""Any path of the API, written as JSON: how a database's root password is rotated, for one."""

import json
from dataclasses import dataclass

from pulumi_vault import generic

from ..frame.row import Row, Written, words
from ..frame.rules import json_object
from ..frame.values import Properties
from .api import Vault
from .conversions import json_text, same_json, texts


@dataclass(frozen=True, kw_only=True)
class EndpointRow(Row[Vault]):
    """A write to a path, and as far as it is not disabled a read and a delete of it."""

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Write the data and keep of the answer what `writeFields` names."""
        return Written(inputs["path"], self._answer(server, inputs))

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Read the path, unless reading is disabled."""
        state: Properties = {
            "path": identity,
            "dataJson": json_text(json.loads(known.get("dataJson") or "{}")),
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
        return {**state, "dataJson": json_text(told)}

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
        return {"writeData": texts(kept), "writeDataJson": json_text(kept)}


ROWS = (
    EndpointRow(
        resource=generic.Endpoint,
        replaces=words("namespace path"),
        secret=words("dataJson"),
        same={"dataJson": same_json},
        rules=(json_object("dataJson"),),
    ),
)
