"""Who owns which field of an object: field managers, as server-side apply knows them."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ..frame.values import Properties
from . import objects
from .difference import nested, parsed
from .replacement import Path

CREATOR: Final = "pulumi-kubernetes"
"""The manager that POSTs a new object; it never applies, and hands its fields on with the first update."""
_PREFIX: Final = "pulumi-kubernetes-"
_CLIENT_SIDE: Final = frozenset(
    {
        ("kubectl", "Apply"), ("kubectl", "Update"), ("before-first-apply", "Update"), (CREATOR, "Update"),
        ("pulumi-kubernetes.exe", "Update"), ("pulumi-resource-kubernetes", "Update"),
    }
)  # fmt: skip
"""Managers whose fields the official provider takes over with an update, as they are the same person's older tools."""


def manager_of(inputs: Properties, remembered: str = "") -> str:
    """The field manager of a resource: what its annotation says, what its state says, or a new one."""
    return objects.annotation(inputs, objects.FIELD_MANAGER) or remembered or _PREFIX + secrets.token_hex(4)


def taken_over(live: Properties, manager: str) -> list[Properties] | None:
    """The managed fields once `manager` has those of older tools; None if there is nothing to take over."""
    entries = _entries(live)
    old = [entry for entry in entries if _is_older(entry, manager)]
    if not old:
        return None
    mine = [entry for entry in entries if _is_mine(entry, manager)]
    rest = [entry for entry in entries if entry not in old and entry not in mine]
    first = (mine or old)[0]
    merged: Properties = {}
    for entry in (*old, *mine):
        merged = _united(merged, entry.get("fieldsV1") or {})
    return [*rest, {**first, "manager": manager, "operation": "Apply", "fieldsV1": merged}]


def forced(inputs: Properties, *, always: bool, live: Properties | None, preview: bool) -> bool:
    """Whether fields of other managers are taken from them.

    Args:
        always: What `enablePatchForce` of the provider says.
        live: What is there, None if nothing is.
        preview: A dry run has not taken over what the deployment will have.
    """
    if always or objects.is_true(inputs, objects.PATCH_FORCE):
        return True
    if live is None:
        return preview
    entries = _entries(live)
    return not entries or (preview and any(_is_older(entry, "") and entry["manager"] != "kubectl" for entry in entries))


def without_ignored(document: Properties, live: Properties, manager: str, ignore: Sequence[str]) -> Properties:
    """What is applied when a program ignores changes: fields of others left out, its own as they are.

    Leaving out one's own would unset it.
    """
    mine = [entry.get("fieldsV1") or {} for entry in _entries(live) if entry.get("manager") == manager]
    others = [entry.get("fieldsV1") or {} for entry in _entries(live) if entry.get("manager") != manager]
    for path in map(parsed, ignore):
        there, value = nested(live, path)
        if _owned(others, path) and not _owned(mine, path):
            document = _without(document, path)
        elif there:
            document = _with(document, path, value)
    return document


def _entries(live: Properties) -> list[Properties]:
    return list(objects.metadata(live).get("managedFields") or ())


def _is_older(entry: Properties, manager: str) -> bool:
    by = (str(entry.get("manager")), str(entry.get("operation")))
    return not entry.get("subresource") and (by in _CLIENT_SIDE or by == (manager, "Update"))


def _is_mine(entry: Properties, manager: str) -> bool:
    return not entry.get("subresource") and (entry.get("manager"), entry.get("operation")) == (manager, "Apply")


def _united(one: Mapping[str, Any], other: Mapping[str, Any]) -> Properties:
    return {name: _united(one.get(name, {}), other.get(name, {})) for name in sorted(one.keys() | other.keys())}


def _owned(fields: Iterable[Mapping[str, Any]], path: Path) -> bool:
    return any(nested(owned, tuple(f"f:{step}" for step in path))[0] for owned in fields)


def _without(document: Properties, path: Path) -> Properties:
    head, *rest = path
    if not isinstance(document, dict) or head not in document:
        return document
    if not rest:
        return {name: value for name, value in document.items() if name != head}
    return {**document, str(head): _without(document[str(head)], tuple(rest))}


def _with(document: Properties, path: Path, value: Any) -> Properties:
    head, *rest = path
    inner = document.get(str(head))
    below = _with(inner if isinstance(inner, dict) else {}, tuple(rest), value) if rest else value
    return {**document, str(head): below}
