"""The shape of what goes into the state and back into the inputs, by the official provider's rules."""

from collections.abc import Mapping
from typing import Any

from .inputs import Input, Shape
from .row import Row
from .values import DEFAULTS, UNKNOWN, Properties


def settled(row: Row[Any], read: Properties, inputs: Properties, prior: Properties) -> Properties:
    """Return what the state holds after a write: `read`, but a collection nobody set stays as it was, null at first.

    A server says `[]` where nothing was ever set, and the official provider takes that for "not set" after a write
    and for `[]` after a refresh.
    """
    return {
        name: _settled(row, value, inputs.get(name), prior.get(name), row.inputs[name].shape, name)
        if name in row.inputs
        else value
        for name, value in read.items()
    }


def _settled(row: Row[Any], value: Any, given: Any, prior: Any, shape: Shape, path: str) -> Any:
    if shape.kind == "object" and isinstance(value, dict) and isinstance(given, dict):
        before = prior if isinstance(prior, dict) else {}
        return {
            name: _settled(row, item, given.get(name), before.get(name), shape.inputs[name].shape, f"{path}.{name}")
            if name in shape.inputs
            else item  # what the server adds
            for name, item in value.items()
        }
    if shape.kind in ("list", "map") and not value and given is None and path not in row.computed:
        return prior if not prior else value
    return value


def planned(row: Row[Any], inputs: Properties, prior: Properties) -> Properties:
    """Return the state a preview expects: inputs as given, the rest as it was, unknown where the server will decide."""
    state: Properties = {}
    for name in row.outputs:
        before = prior.get(name, UNKNOWN)
        if name in inputs:
            state[name] = inputs[name]
        elif name in row.inputs and name not in row.computed and before not in (None, row.inputs[name].shape.zero):
            state[name] = UNKNOWN  # it was set and no longer is
        else:
            state[name] = before
    return state


def inputs_after_read(row: Row[Any], state: Properties, inputs: Properties) -> Properties:
    """Return the inputs that would lead to `state`: those given before, with what the server says now.

    With no inputs before (an import) they are all that are set on the server, so that the next preview shows none
    but the differences from the user's program.
    """
    if inputs:
        return _refreshed(state, inputs, row.inputs)
    return {
        name: state[name]
        for name, wanted in row.inputs.items()
        if state.get(name) is not None and (wanted.required or state[name] != wanted.shape.zero)
    }


def _refreshed(state: Properties, inputs: Properties, wanted: Mapping[str, Input]) -> Properties:
    refreshed: Properties = {}
    for name, before in inputs.items():
        now = state.get(name)
        if name == DEFAULTS:
            refreshed |= {DEFAULTS: before} if before else {}
        elif isinstance(now, dict) and isinstance(before, dict) and wanted[name].shape.kind == "object":
            refreshed[name] = _refreshed(now, before, wanted[name].shape.inputs)
        elif now is not None:
            refreshed[name] = now
    return refreshed
