"""Parameter Store. A value that is write-only is never read; any other comes back as a secret."""

from dataclasses import dataclass
from typing import Any, Final

from pulumi_aws import ssm

from ..frame.row import Written, words
from ..frame.values import Properties
from .api import Aws
from .operation_row import Call, OperationRow, calls

_VALUES: Final = ("value", "valueWo", "insecureValue")


@dataclass(frozen=True, kw_only=True)
class ParameterRow(OperationRow):
    """A parameter with its value."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Put it; one that is there already is only overwritten if that is asked for."""
        here = self.at(server, inputs)
        overwrite = bool(inputs.get("overwrite"))
        tags = {} if overwrite else {"Tags": _pairs(inputs)}
        here.call("ssm", "put_parameter", **self._asked(here, inputs), Overwrite=overwrite, **tags)
        if overwrite:
            self.retag(here, {"name": inputs["name"]}, inputs)
        return Written(str(inputs["name"]))

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Read it, the value only if it is not write-only."""
        here = self.at(server, known)
        hidden = _is_hidden(known)
        told = here.find("ssm", "get_parameter", Name=identity, WithDecryption=not hidden)
        if told is None:
            return None
        of_name = [{"Key": "Name", "Option": "Equals", "Values": [identity]}]
        described = here.pages("ssm", "describe_parameters", "Parameters", ParameterFilters=of_name)
        tags = here.call("ssm", "list_tags_for_resource", ResourceType="Parameter", ResourceId=identity)
        parameter = told["Parameter"]
        state = self.understood((described[0] if described else {}) | parameter | {"Tags": tags.get("TagList", [])})
        state |= {"value": None, "insecureValue": None, "valueWo": None}
        if not hidden:
            plain = parameter["Type"] != "SecureString" and known.get("insecureValue") is not None
            state["insecureValue" if plain else "value"] = parameter["Value"]
        state |= {"hasValueWo": hidden, "name": identity}
        return self.settled(here, state, known)

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Put it again if anything but tags has changed."""
        here = self.at(server, state)
        changed = {name for name in self.inputs if self._changed(name, state, inputs)} - {"overwrite"}
        if changed:
            asked = self._asked(here, inputs)
            if "Value" not in asked:  # the value is ignored by the program, or write-only and the same
                current = here.call("ssm", "get_parameter", Name=identity, WithDecryption=True)["Parameter"]
                asked["Value"] = current["Value"]
            here.call("ssm", "put_parameter", **asked, Overwrite=True)
        self.retag(here, {**state, "name": identity}, inputs)

    def retag(self, server: Aws, state: Properties, inputs: Properties) -> None:
        """Parameter Store wants to be told what kind of thing is tagged."""
        before, after = state.get("tags") or {}, inputs.get("tags") or {}
        about = {"ResourceType": "Parameter", "ResourceId": state["name"]}
        if gone := sorted(before.keys() - after.keys()):
            server.call("ssm", "remove_tags_from_resource", **about, TagKeys=gone)
        if after != before and after:
            server.call("ssm", "add_tags_to_resource", **about, Tags=_pairs(inputs))

    def _asked(self, server: Aws, inputs: Properties) -> dict[str, Any]:
        sent = {name: value for name, value in inputs.items() if name not in (*_VALUES, "tags", "overwrite", "region")}
        shape = server.takes("ssm", "put_parameter")
        asked = {member: sent[name] for member, name in _MEMBERS.items() if sent.get(name) is not None}
        assert asked.keys() <= shape.members.keys()
        value = next((inputs[name] for name in _VALUES if inputs.get(name) is not None), None)
        return asked | ({"Value": value} if value is not None else {})


_MEMBERS: Final = {
    "Name": "name", "Type": "type", "Description": "description", "KeyId": "keyId", "Tier": "tier",
    "AllowedPattern": "allowedPattern", "DataType": "dataType",
}  # fmt: skip


def _is_hidden(known: Properties) -> bool:
    return bool(known.get("hasValueWo") or known.get("valueWo") is not None or known.get("valueWoVersion"))


def _pairs(inputs: Properties) -> list[dict[str, str]]:
    return [{"Key": name, "Value": text} for name, text in (inputs.get("tags") or {}).items()]


def _one_value(inputs: Properties) -> tuple[str, str] | None:
    given = [name for name in _VALUES if inputs.get(name) is not None]
    if len(given) != 1:
        return "value", f"one of value, valueWo and insecureValue is needed, not {', '.join(given) or 'none'}"
    if given == ["insecureValue"] and inputs.get("type") == "SecureString":
        return "insecureValue", "a SecureString takes no insecureValue, which states show: use valueWo"
    return None


ROWS = (
    ParameterRow(
        resource=ssm.Parameter,
        service="ssm",
        id="{name}",
        autonamed=True,
        makes=Call("put_parameter"),
        tells=calls("get_parameter Parameter"),
        removes=calls("delete_parameter"),
        names={"arn": "ARN", "value": "-", "valueWo": "-", "insecureValue": "-"},
        replaces=words("dataType name region"),
        secret=words("value valueWo"),
        ephemeral=words("valueWo"),
        computed=words("arn dataType insecureValue keyId region tier value"),
        kept=words("overwrite valueWoVersion"),
        rules=(_one_value,),
    ),
)
