"""Google's own description of its APIs: what a request may hold. Read from the discovery documents of
`google-api-python-client`, which are what Google publishes."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

Schema = Mapping[str, Any]

_REQUIRED: Final = re.compile(r"required\b", re.IGNORECASE)
_OUTPUT_ONLY: Final = re.compile(r"output only\b", re.IGNORECASE)
_FORMATS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "int64": (re.compile(r"-?[0-9]{1,19}"), "a whole number as text"),
    "byte": (re.compile(r"[A-Za-z0-9+/_-]*={0,2}"), "base64"),
    "google-datetime": (
        re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z"),
        "a time in UTC such as 2027-01-04T03:00:00Z",
    ),
    "google-duration": (re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?s"), "seconds such as 3600s"),
}
_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}


class Api:
    """One version of one API."""

    def __init__(self, name: str, document: Mapping[str, Any]) -> None:
        self.name = name
        self._schemas: Mapping[str, Schema] = document["schemas"]
        self._methods = dict(_methods(document))

    def flaws(self, schema: str, body: Any) -> list[str]:
        """Everything that the description of a message does not allow, values not shown."""
        return list(self._in_message(schema, body, ""))

    def request_of(self, method: str) -> str | None:
        """The message that a method takes, such as `projects.secrets.create`; None if it takes none.

        Raises KeyError if the API has no such method.
        """
        request = self._methods[method].get("request")
        return request["$ref"] if request else None

    def parameters_of(self, method: str) -> frozenset[str]:
        """The parameters of a method's address. Raises KeyError if the API has no such method."""
        return frozenset(self._methods[method].get("parameters", {}))

    def _in_message(self, name: str, body: Any, at: str) -> Iterator[str]:
        if not isinstance(body, dict):
            yield f"{at or name} is no {name}"
            return
        properties: Mapping[str, Schema] = self._schemas[name].get("properties", {})
        for key, value in body.items():
            path = f"{at}.{key}" if at else key
            if key not in properties:
                yield f"{path}: {name} has no such field"
            elif _is_output_only(properties[key]):
                yield f"{path} is set by Google only"
            else:
                yield from self._in_value(properties[key], value, path)
        for key, schema in properties.items():
            if key not in body and _REQUIRED.match(schema.get("description", "")):
                yield f"{f'{at}.{key}' if at else key} is required"

    def _in_value(self, schema: Schema, value: Any, at: str) -> Iterator[str]:
        if reference := schema.get("$ref"):
            yield from self._in_message(reference, value, at)
            return
        kind: str = schema["type"]
        if not _is(kind, value):
            yield f"{at} is no {kind}"
        elif kind == "array":
            for position, item in enumerate(value):
                yield from self._in_value(schema["items"], item, f"{at}[{position}]")
        elif kind == "object":
            for key, item in value.items():
                yield from self._in_value(schema["additionalProperties"], item, f"{at}.{key}")
        elif "enum" in schema and value not in schema["enum"]:
            yield f"{at} is none of {', '.join(schema['enum'])}"
        elif (form := _FORMATS.get(schema.get("format", ""))) and not form[0].fullmatch(value):
            yield f"{at} is not {form[1]}"


@cache
def api(name: str) -> Api:
    """An API by name and version: `secretmanager.v1`."""
    text = files("googleapiclient.discovery_cache").joinpath("documents", f"{name}.json").read_text("utf-8")
    return Api(name, json.loads(text))


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind in ("boolean", "any")
    return isinstance(value, _TYPES.get(kind, object))


def _is_output_only(schema: Schema) -> bool:
    return bool(schema.get("readOnly")) or bool(_OUTPUT_ONLY.match(schema.get("description", "")))


def _methods(part: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, method in part.get("methods", {}).items():
        yield f"{prefix}{name}", method
    for name, inner in part.get("resources", {}).items():
        yield from _methods(inner, f"{prefix}{name}.")
