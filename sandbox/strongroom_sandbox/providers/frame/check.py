"""Strict checks of inputs: unknown, missing, of the wrong type. All of them at once, values never shown."""

from collections.abc import Iterator, Mapping, Set
from difflib import get_close_matches
from typing import Any, Final

import pulumi
from pulumi.provider.experimental.provider import CheckFailure

from .inputs import Input, Shape, inputs_of
from .values import DEFAULTS, UNKNOWN, Properties

_ENGINE_OWN: Final = frozenset({"version", "pluginDownloadURL"})
"""What the engine itself puts into any provider's configuration."""
_KINDS = {
    type(None): "null",
    bool: "a boolean",
    int: "a whole number",
    float: "a number with a fraction",
    str: "a string",
    list: "a list",
    dict: "an object",
}


def failures(values: Properties, inputs: Mapping[str, Input], what: str, prefix: str = "") -> Iterator[CheckFailure]:
    """Yield what is wrong with `values` as inputs of `what` (a type token or a provider)."""
    for name in sorted(values.keys() - inputs.keys() - {DEFAULTS}):
        yield CheckFailure(f"{prefix}{name}", _unknown(name, inputs, what))
    for name, wanted in inputs.items():
        path = f"{prefix}{name}"
        if values.get(name) is None:
            if wanted.required:
                yield CheckFailure(path, f"{what} needs {path!r}, {wanted.shape}: set it")
        else:
            yield from _type_failures(values[name], wanted.shape, path, what)


def configuration_failures(
    configuration: Properties, args: type, honoured: Set[str], package: str
) -> Iterator[CheckFailure]:
    """Yield what is unknown in a provider's configuration, and what of the `honoured` is missing or wrongly typed.

    What else the SDK's class `args` has is for the connector to judge.
    """
    every = inputs_of(args)
    asked = {
        name: value
        for name, value in configuration.items()
        if (name in honoured or name not in every) and name not in _ENGINE_OWN
    }
    yield from failures(asked, {name: every[name] for name in honoured}, f"the provider {package}")


def _unknown(name: str, inputs: Mapping[str, Input], what: str) -> str:
    near = get_close_matches(name, inputs, n=1, cutoff=0.6)
    remedy = f"did you mean {near[0]!r}?" if near else f"remove it, or use one of {', '.join(sorted(inputs))}"
    return f"{what} has no input {name!r}: {remedy}"


def _type_failures(value: Any, shape: Shape, path: str, what: str) -> Iterator[CheckFailure]:
    if value is UNKNOWN or shape.kind == "anything":
        return
    if not _fits(value, shape):
        yield CheckFailure(path, f"{path!r} of {what} must be {shape}, not {_kind_of(value)}: change its type")
    elif shape.kind == "object":
        yield from failures(value, shape.inputs, what, f"{path}.")
    elif shape.item is not None:
        entries = enumerate(value) if isinstance(value, list) else value.items()
        for key, item in entries:
            at = f"{path}[{key}]" if isinstance(value, list) else f"{path}.{key}"
            yield from _type_failures(item, shape.item, at, what)


def _fits(value: Any, shape: Shape) -> bool:  # noqa: PLR0911  a table
    match shape.kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "list":
            return isinstance(value, list)
        case "file":
            return isinstance(value, pulumi.Asset | pulumi.Archive)
        case _:
            return isinstance(value, dict)


def _kind_of(value: Any) -> str:
    if isinstance(value, pulumi.Asset | pulumi.Archive):
        return "an asset or archive"
    return _KINDS.get(type(value), f"a {type(value).__name__}")
