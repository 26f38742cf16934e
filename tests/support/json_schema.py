"""A validator for the part of JSON Schema 2020-12 that our schemas use; any other keyword is an error, so that no
check is skipped in silence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
_SAYS_NOTHING = {"$schema", "$defs", "description", "default"}


def failures(schema: dict[str, Any], value: Any, root: dict[str, Any] | None = None, at: str = "$") -> Iterator[str]:
    """What is wrong with a value, with the place in it."""
    root = schema if root is None else root
    for keyword, wanted in schema.items():
        if keyword not in _SAYS_NOTHING:
            yield from _CHECKS[keyword](wanted, value, schema, root, at)


def subschemas(schema: Any, at: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every map within a schema, with its place."""
    if isinstance(schema, dict):
        yield at, schema
        for key, inner in schema.items():
            yield from subschemas(inner, f"{at}.{key}")
    elif isinstance(schema, list):
        for index, inner in enumerate(schema):
            yield from subschemas(inner, f"{at}[{index}]")


def _reference(wanted: str, value: Any, _schema: Any, root: Any, at: str) -> Iterator[str]:
    yield from failures(root["$defs"][wanted.removeprefix("#/$defs/")], value, root, at)


def _type(wanted: str, value: Any, _schema: Any, _root: Any, at: str) -> Iterator[str]:
    if not isinstance(value, _TYPES[wanted]) or (isinstance(value, bool) and wanted == "integer"):
        yield f"{at}: is no {wanted}"


def _any_of(wanted: list[Any], value: Any, _schema: Any, root: Any, at: str) -> Iterator[str]:
    tried = [list(failures(choice, value, root, at)) for choice in wanted]
    if all(tried):
        yield from min(tried, key=len)


def _enum(wanted: list[Any], value: Any, _schema: Any, _root: Any, at: str) -> Iterator[str]:
    if value not in wanted:
        yield f"{at}: is none of {wanted}"


def _const(wanted: Any, value: Any, _schema: Any, _root: Any, at: str) -> Iterator[str]:
    if value != wanted:
        yield f"{at}: is not {wanted}"


def _pattern(wanted: str, value: Any, _schema: Any, _root: Any, at: str) -> Iterator[str]:
    if isinstance(value, str) and not re.search(wanted, value):
        yield f"{at}: does not match {wanted}"


def _size(keyword: str) -> Any:
    kind = {"Length": str, "Items": list, "Properties": dict}[keyword[3:]]

    def check(wanted: int, value: Any, _schema: Any, _root: Any, at: str) -> Iterator[str]:
        if isinstance(value, kind) and (len(value) > wanted if keyword.startswith("max") else len(value) < wanted):
            yield f"{at}: {keyword} {wanted}"

    return check


def _limit(keyword: str) -> Any:
    def check(wanted: int, value: Any, _schema: Any, _root: Any, at: str) -> Iterator[str]:
        number = isinstance(value, int) and not isinstance(value, bool)
        if number and (value > wanted if keyword == "maximum" else value < wanted):
            yield f"{at}: {keyword} {wanted}"

    return check


def _items(wanted: Any, value: Any, _schema: Any, root: Any, at: str) -> Iterator[str]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        yield from failures(wanted, item, root, f"{at}[{index}]")


def _properties(wanted: Any, value: Any, _schema: Any, root: Any, at: str) -> Iterator[str]:
    for key, inner in value.items() if isinstance(value, dict) else ():
        if key in wanted:
            yield from failures(wanted[key], inner, root, f"{at}.{key}")


def _pattern_properties(wanted: Any, value: Any, _schema: Any, root: Any, at: str) -> Iterator[str]:
    for key, inner in value.items() if isinstance(value, dict) else ():
        for pattern, schema in wanted.items():
            if re.search(pattern, key):
                yield from failures(schema, inner, root, f"{at}.{key}")


def _additional(wanted: Any, value: Any, schema: Any, root: Any, at: str) -> Iterator[str]:
    for key, inner in value.items() if isinstance(value, dict) else ():
        if key not in schema.get("properties", {}) and not any(
            re.search(pattern, key) for pattern in schema.get("patternProperties", {})
        ):
            if wanted is False:
                yield f"{at}.{key}: unknown"
            elif isinstance(wanted, dict):
                yield from failures(wanted, inner, root, f"{at}.{key}")


def _names(wanted: Any, value: Any, _schema: Any, root: Any, at: str) -> Iterator[str]:
    for key in value if isinstance(value, dict) else ():
        yield from failures(wanted, key, root, f"{at}.{key}")


def _required(wanted: list[str], value: Any, _schema: Any, _root: Any, at: str) -> Iterator[str]:
    for key in wanted:
        if isinstance(value, dict) and key not in value:
            yield f"{at}: lacks {key}"


_CHECKS = {
    "$ref": _reference,
    "type": _type,
    "anyOf": _any_of,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "items": _items,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "required": _required,
    **{
        f"{side}{what}": _size(f"{side}{what}") for side in ("min", "max") for what in ("Length", "Items", "Properties")
    },
    **{keyword: _limit(keyword) for keyword in ("minimum", "maximum")},
}
