"""Plain Python values in place of the wire's property values, with unknowns and secrets kept apart."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime import rpc

Properties = dict[str, Any]
"""Pulumi's camelCase name -> None, bool, int, float, str, list, dict, pulumi.Asset, pulumi.Archive or UNKNOWN."""


class _Unknown:
    def __repr__(self) -> str:
        return "<unknown until the deployment>"


UNKNOWN: Final = _Unknown()
"""A value that only the deployment will tell: an output of a resource that does not exist yet."""

DEFAULTS: Final = "__defaults"
"""The bridge's note, kept with the inputs, of which of them were filled in by default. It decides about names."""


def plain(values: Mapping[str, PropertyValue]) -> Properties:
    """Return what the engine sent, without secret marks and the bridge's internals other than `__defaults`."""
    return {
        name: _plain(value, plain) for name, value in values.items() if name == DEFAULTS or not name.startswith("__")
    }


def whole(values: Mapping[str, PropertyValue]) -> Properties:
    """Return what the engine sent with all its names, where keys of maps are data and may begin with `__`."""
    return {name: _plain(value, whole) for name, value in values.items()}


def given(values: Properties) -> Properties:
    """Return the properties that are set: an input that is null is the same as one that was left out."""
    return {name: value for name, value in values.items() if value is not None}


def filled_in(inputs: Properties, **added: Any) -> Properties:
    """Return the inputs with some that nobody gave, and with the note that these were filled in by default."""
    return {**inputs, **added, DEFAULTS: sorted([*inputs.get(DEFAULTS, []), *added])}


def is_unknown(value: Any) -> bool:
    """Whether `value` is unknown or holds something unknown."""
    if isinstance(value, list):
        return any(map(is_unknown, value))
    if isinstance(value, dict):
        return any(map(is_unknown, value.values()))
    return value is UNKNOWN


def secret_paths(values: Mapping[str, PropertyValue], prefix: str = "") -> set[str]:
    """Return the dotted paths that the engine marked secret; something secret inside a list marks the whole list."""
    paths: set[str] = set()
    for name, value in values.items():
        path = f"{prefix}{name}"
        if value.is_secret or (not isinstance(value.value, Mapping) and value.contains_secret()):
            paths.add(path)
        elif isinstance(value.value, Mapping):
            paths |= secret_paths(value.value, f"{path}.")
    return paths


def wire(values: Properties, secret: Collection[str] = (), prefix: str = "") -> dict[str, PropertyValue]:
    """Return property values for the engine, marked secret at the dotted paths in `secret`."""
    return {name: _wire(value, secret, f"{prefix}{name}") for name, value in values.items()}


def strings_at(values: Properties, paths: Collection[str], prefix: str = "") -> Iterator[str]:
    """Yield every string at or below one of the dotted `paths`, in JSON text too: what an error must not hold."""
    for name, value in values.items():
        path = f"{prefix}{name}"
        if path in paths:
            yield from _strings(value)
        elif isinstance(value, dict):
            yield from strings_at(value, paths, f"{path}.")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        if value.startswith(("{", "[")):
            with suppress(ValueError):
                yield from _strings(json.loads(value))
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)


def _plain(value: PropertyValue, of: Callable[[Mapping[str, PropertyValue]], Properties]) -> Any:
    content = value.value
    if content == rpc.UNKNOWN:  # the experimental library hands unknowns through as the wire's marker string
        return UNKNOWN
    if content is None or isinstance(content, bool | str):
        return content
    if isinstance(content, float):  # the wire knows one number type only
        return int(content) if content.is_integer() else content
    if isinstance(content, Mapping):
        return of(content)
    if isinstance(content, tuple):
        return [_plain(item, of) for item in content]
    return content  # an asset or archive, or a resource reference, which no input takes: the check will say so


def _wire(value: Any, secret: Collection[str], path: str) -> PropertyValue:
    is_secret = path in secret
    if value is UNKNOWN:
        return PropertyValue(rpc.UNKNOWN, is_secret=is_secret)
    if isinstance(value, dict):
        return PropertyValue(wire(value, secret, f"{path}."), is_secret=is_secret)
    if isinstance(value, list | tuple):
        return PropertyValue([_wire(item, (), path) for item in value], is_secret=is_secret)
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value), is_secret=is_secret)
    return PropertyValue(value, is_secret=is_secret)
