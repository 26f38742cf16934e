"""The difference between the live object, as far as the program said it, and what the program says now."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi.provider.experimental.provider import DiffResponse, PropertyDiff, PropertyDiffKind

from ..frame.values import UNKNOWN, Properties
from . import objects
from .replacement import Path, replaces

_ADD, _DELETE, _UPDATE = PropertyDiffKind.ADD, PropertyDiffKind.DELETE, PropertyDiffKind.UPDATE
_REPLACING = {
    _ADD: PropertyDiffKind.ADD_REPLACE,
    _DELETE: PropertyDiffKind.DELETE_REPLACE,
    _UPDATE: PropertyDiffKind.UPDATE_REPLACE,
}
_MISSING: Any = object()
_STEP = re.compile(r"""\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.\[\]]+)""")


def difference(
    old: Properties, live: Properties, new: Properties, fields: tuple[str, ...], ignore: Sequence[str]
) -> DiffResponse:
    """What differs, and whether that replaces the object.

    Args:
        old: The live object, pruned to what the program had said.
        live: All of it.
        new: What the program says now.
        fields: Those whose change replaces it (see `replacement.py`).
        ignore: Paths of `ignoreChanges`.
    """
    ignored = [parsed(path) for path in ignore]
    detailed: dict[str, PropertyDiff] = {}
    for path, kind, value in _changes(old, new, (), in_list=False):
        if any(path[: len(above)] == above for above in ignored):
            continue
        found = _REPLACING[kind] if replaces(path, value, fields) else kind
        detailed[written(path)] = PropertyDiff(found, input_diff=kind is _DELETE)
    replacing = sorted(path for path, change in detailed.items() if change.kind in _REPLACING.values())
    name = objects.name_of(new)
    return DiffResponse(
        changes=bool(detailed),
        replaces=replacing,
        # Two objects of one name cannot be there at once; one that was named by the provider gets another name.
        delete_before_replace=bool(replacing)
        and bool(name)
        and not objects.is_true(new, objects.AUTONAMED)
        and name == objects.name_of(live)
        and objects.namespace_of(new) == objects.namespace_of(live),
        diffs=sorted({str(parsed(path)[0]) for path in detailed}),
        detailed_diff=detailed,
    )


def written(path: Path) -> str:
    """A path as Pulumi writes it: `data["tls.crt"]`, `rules[0].verbs`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.search(r'[."\[\]]', step):
            quoted = step.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{quoted}"]'
        else:
            text += f".{step}" if text else step
    return text


def parsed(text: str) -> Path:
    """The opposite."""
    steps: list[str | int] = []
    for match in _STEP.finditer(text):
        quoted, number, plain = match.groups()
        if quoted is not None:
            steps.append(re.sub(r"\\(.)", r"\1", quoted))
        else:
            steps.append(int(number) if number is not None else plain)
    return tuple(steps)


def _changes(old: Any, new: Any, path: Path, *, in_list: bool) -> Iterator[tuple[Path, PropertyDiffKind, Any]]:
    if new is UNKNOWN:
        yield path, _ADD if old is _MISSING else _UPDATE, UNKNOWN
    elif new is _MISSING:
        yield path, _DELETE, None
    elif old is _MISSING:
        # A server leaves out what is empty, and an empty collection in a program says no more than none.
        if in_list or new not in ({}, []):
            yield path, _ADD, new
    elif isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            yield from _changes(old.get(name, _MISSING), new.get(name, _MISSING), (*path, name), in_list=in_list)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from _changes(_at(old, index), _at(new, index), (*path, index), in_list=True)
    elif not _same(old, new):
        yield path, _UPDATE, new


def _at(items: Sequence[Any], index: int) -> Any:
    return items[index] if index < len(items) else _MISSING


def _same(old: Any, new: Any) -> bool:
    return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)


def nested(document: Mapping[str, Any], path: Path) -> tuple[bool, Any]:
    """Whether there is something at a path of objects, and what."""
    found: Any = document
    for step in path:
        if not isinstance(found, dict) or step not in found:
            return False, None
        found = found[step]
    return True, found
