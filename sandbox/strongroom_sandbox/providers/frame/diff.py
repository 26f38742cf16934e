"""The difference between a state and new inputs, by the official provider's rules.

An optional input that is left out equals the zero value of its type (that is how an API says "nobody set it");
left out and filled by the server (`Row.computed`) it equals whatever the server said.
"""

import re
from collections.abc import Iterator
from typing import Any

from pulumi.provider.experimental.provider import DiffResponse, PropertyDiff, PropertyDiffKind

from .inputs import Shape
from .row import Row
from .values import DEFAULTS, UNKNOWN, Properties, is_unknown

_REPLACING = {
    PropertyDiffKind.ADD: PropertyDiffKind.ADD_REPLACE,
    PropertyDiffKind.DELETE: PropertyDiffKind.DELETE_REPLACE,
    PropertyDiffKind.UPDATE: PropertyDiffKind.UPDATE_REPLACE,
}


def difference(row: Row[Any], state: Properties, inputs: Properties, ignore: list[str]) -> DiffResponse:
    """Return what differs, property by property, and whether that replaces the resource.

    A replacement that keeps a name the user chose must delete first, or the two would collide.
    """
    replacing = row.replaces | {name for name, flag in row.replaces_if.items() if inputs.get(flag)}
    unmanaged = row.unmanaged(inputs)
    changes: dict[str, PropertyDiff] = {}
    for name, wanted in row.inputs.items():
        if name in ignore or name in unmanaged:
            continue
        old, new = state.get(name), inputs.get(name)
        for path, kind in _changes(row, old, new, wanted.shape, name):
            if path in ignore:
                continue
            changes[path] = PropertyDiff(_REPLACING[kind] if name in replacing else kind, input_diff=False)
    changed = {_top(path) for path in changes}
    replaces = sorted(changed & replacing)
    keeps_name = row.autonamed and "name" not in inputs.get(DEFAULTS, ()) and state.get("name") == inputs.get("name")
    return DiffResponse(
        changes=bool(changes),
        replaces=replaces,
        stables=sorted(row.replaces | row.steady),
        delete_before_replace=bool(replaces) and keeps_name,
        diffs=sorted(changed),
        detailed_diff=changes,
    )


def equal(row: Row[Any], old: Any, new: Any, name: str) -> bool:
    """Whether two values of an input are the same by the row's rules."""
    return not any(True for _ in _changes(row, old, new, row.inputs[name].shape, name))


def _top(path: str) -> str:
    return re.split(r"[.[]", path, maxsplit=1)[0]


def _changes(row: Row[Any], old: Any, new: Any, shape: Shape, path: str) -> Iterator[tuple[str, PropertyDiffKind]]:
    if shape.kind == "file":  # the same file may hold something else by now: its hash is an input of its own
        return
    if path in row.ephemeral or (new is None and (path in row.computed or old is None or old == shape.zero)):
        return
    if shape.kind == "object" and isinstance(old, dict) and isinstance(new, dict):
        for name, wanted in shape.inputs.items():
            yield from _changes(row, old.get(name), new.get(name), wanted.shape, f"{path}.{name}")
        return
    if new is not None and _same(row, old, new, shape, path):
        return
    if shape.kind == "map" and isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) != new.get(key):
                yield f"{path}.{key}", _kind(old.get(key), new.get(key))
    elif shape.kind == "list" and isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            if before != after:
                yield f"{path}[{index}]", _kind(before, after)
    else:
        yield path, _kind(old, new)


def _same(row: Row[Any], old: Any, new: Any, shape: Shape, path: str) -> bool:
    if is_unknown(new):
        return False
    if path in row.same and old is not None:
        return row.same[path](old, new)
    if path in row.unordered and isinstance(old, list):
        return sorted(map(str, old)) == sorted(map(str, new))
    return bool(old == new or (old is None and new == shape.zero))


def _kind(old: Any, new: Any) -> PropertyDiffKind:
    if old is None and new is not UNKNOWN:
        return PropertyDiffKind.ADD
    return PropertyDiffKind.DELETE if new is None else PropertyDiffKind.UPDATE
