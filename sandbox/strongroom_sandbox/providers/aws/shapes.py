"""From Pulumi's properties to an operation's parameters and back, by the service's own description (botocore's model).

Pulumi says `vpcConfig.subnetIds` where the API says `VpcConfig.SubnetIds`: names are the same but for case.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from ..frame.inputs import Shape as Wanted

Names = Mapping[str, str]
"""A property, dotted if nested -> the API's names for it, with blanks between, where they differ in more than case."""
_AWS_OWN: Final = "aws:"
"""Tags with this prefix are AWS's own."""


def member_of(shape: StructureShape, name: str, names: Names) -> str | None:
    """Return the parameter that takes a property, None if there is none."""
    by_lower = {member.lower(): member for member in shape.members}
    candidates = names.get(name, name.rpartition(".")[2]).split()
    return next((by_lower[c.lower()] for c in candidates if c.lower() in by_lower), None)


def sent(value: Any, shape: Shape, name: str, names: Names) -> Any:
    """Return a property's value as the API takes it."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        found = {
            member_of(shape, f"{name}.{key}", names): (key, item) for key, item in value.items() if item is not None
        }
        return {
            member: sent(item, shape.members[member], f"{name}.{key}", names)
            for member, (key, item) in found.items()
            if member is not None
        }
    if isinstance(shape, ListShape) and isinstance(value, dict):
        return pairs(value, shape)
    if isinstance(shape, ListShape):
        return [sent(item, shape.member, name, names) for item in value]
    if isinstance(shape, MapShape):
        return {key: item if isinstance(item, str) else json.dumps(item) for key, item in value.items()}
    return str(value) if shape.type_name == "string" else value


def pairs(tags: Mapping[str, str], shape: ListShape) -> list[dict[str, str]]:
    """Return tags as a list of pairs, whatever the service calls their halves (`Key`, `TagKey`)."""
    members = list(shape.member.members)
    key = next(member for member in members if member.lower().endswith("key"))
    value = next(member for member in members if member.lower().endswith("value"))
    return [{key: name, value: text} for name, text in tags.items()]


def tags_of(told: Any) -> dict[str, str]:
    """Return tags that a service told as pairs or as a map, without AWS's own."""
    if isinstance(told, list):
        told = {
            next(text for half, text in pair.items() if half.lower().endswith("key")): next(
                (text for half, text in pair.items() if half.lower().endswith("value")), ""
            )
            for pair in told
        }
    return {name: text for name, text in (told or {}).items() if not name.startswith(_AWS_OWN)}


def told(answer: Mapping[str, Any], name: str, wanted: Wanted, names: Names) -> Any:
    """Return what an answer says of a property, in Pulumi's type; None if it says nothing."""
    by_lower = {key.lower(): item for key, item in answer.items()}
    candidates = names.get(name, name.rpartition(".")[2]).split()
    found = next((by_lower[c.lower()] for c in candidates if by_lower.get(c.lower()) is not None), None)
    return None if found is None else fitted(found, name, wanted, names)


def fitted(value: Any, name: str, wanted: Wanted, names: Names) -> Any:  # noqa: PLR0911  a table
    """Return an API's value in the type that Pulumi declares."""
    match wanted.kind:
        case "object" if isinstance(value, dict):
            return {key: told(value, f"{name}.{key}", inner.shape, names) for key, inner in wanted.inputs.items()}
        case "list" if isinstance(value, list) and wanted.item is not None:
            return [fitted(item, name, wanted.item, names) for item in value]
        case "boolean":
            return value if isinstance(value, bool) else str(value).lower() == "true"
        case "integer":
            return int(value)
        case "map":
            return tags_of(value)
        case _ if isinstance(value, datetime):
            return value.isoformat()
        case "string" if isinstance(value, dict | list):
            return json.dumps(value, separators=(",", ":"), sort_keys=True)
        case "string":
            return str(value)
        case _:
            return value
