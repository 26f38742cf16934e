"""From the inputs of Pulumi's SDK to the body that Azure is sent, and back.

The official provider leaves the level `properties` out where the API description says so; the SDK's classes show where.
"""

from typing import Any

from ..frame.inputs import Shape
from ..frame.values import DEFAULTS
from .models import Node

PROPERTIES = "properties"


def nested(node: Node, value: Any) -> Any:
    """Return a body: what a model has within its `properties` goes there. What it does not have at all stays."""
    node = node.chosen(value)
    if isinstance(value, dict) and node.members:
        inner = node.members[PROPERTIES].node.chosen(value) if PROPERTIES in node.members else Node()
        body: dict[str, Any] = {}
        within: dict[str, Any] = {}
        has_level = isinstance(value.get(PROPERTIES, {}), dict)
        for name, item in value.items():
            if name == DEFAULTS:
                continue
            if name in node.members:
                body[name] = nested(node.members[name].node, item)
            elif name in inner.members and has_level:
                within[name] = nested(inner.members[name].node, item)
            else:
                body[name] = item
        if within:
            body[PROPERTIES] = {**body.get(PROPERTIES, {}), **within}
        return body
    if node.item is not None and isinstance(value, list):
        return [nested(node.item, item) for item in value]
    return value


def flattened(shape: Shape, value: Any) -> Any:
    """Return what the SDK calls a body's members: the inverse of `nested`, by the SDK's own types."""
    if shape.kind == "list" and shape.item and isinstance(value, list):
        return [flattened(shape.item, item) for item in value]
    if not isinstance(value, dict) or shape.kind not in ("object", "anything"):
        return value
    if PROPERTIES in shape.inputs or PROPERTIES not in value:
        known = value
    else:
        known = {**{name: item for name, item in value.items() if name != PROPERTIES}, **value[PROPERTIES]}
    return {
        name: flattened(shape.inputs[name].shape if name in shape.inputs else Shape("anything"), item)
        if shape.kind == "object" or isinstance(item, dict | list)
        else item
        for name, item in known.items()
    }
