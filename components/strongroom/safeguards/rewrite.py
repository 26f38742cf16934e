"""A state in which a mount has another path: names, URNs, ids and the properties that say where things are. Pure.

The names of resources begin with the path of their mount, and most resources in a mount are replaced when its path
changes. A mount that was moved on the server, with all that is in it, must therefore be moved in the state too.
"""

import copy
from collections.abc import Collection, Mapping
from typing import Any, Final

from strongroom.safeguards.deployed import OUTPUT, STACK, deployment, mount_path, properties
from strongroom.safeguards.holding import AUTH

_PLACES: Final = ("path", "backend", "mount")
"""The properties that hold the path of a mount, or begin with it."""


def moved(state: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """A copy of a state in which what was at the mount `old` is at `new`; `auth/…` for auth methods.

    Roles of another slice live in another state: it is rewritten the same way, and has no mount in it. A state that
    has nothing of the mount comes back as it was.
    """
    result = copy.deepcopy(dict(state))
    found = deployment(result).get("resources") or []
    components = _components(found, old)
    named = [r["urn"] for r in found if r["urn"] in components or r.get("parent") in components]
    urns = {urn: _urn(urn, old, new) for urn in named}
    urns |= {r["urn"]: urn for r in found if (urn := _adopted(r["urn"], old, new))}
    for resource in found:
        identity = _identity(resource, old, new)
        for values in (resource.get("inputs"), resource.get("outputs")):
            if resource["type"] == STACK:
                _move_outputs(values, old, new)
            elif values and _is_auth(resource, old) == old.startswith(AUTH):
                _move_places(values, old.removeprefix(AUTH), new.removeprefix(AUTH))
        if identity:
            resource["id"] = identity
            if "id" in (resource.get("outputs") or {}):
                resource["outputs"]["id"] = identity
    if found:
        deployment(result)["resources"] = _renamed(found, urns)
    return result


def unprotected(state: Mapping[str, Any], paths: Collection[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A copy of a state in which what is at these paths, or lies in a mount that is, is not protected; and its URNs."""
    result = copy.deepcopy(dict(state))
    freed = []
    for resource in deployment(result).get("resources") or []:
        at = {mount_path(resource), _place_of(resource), resource.get("id")} - {None}
        if resource.get("protect") and at & set(paths):
            del resource["protect"]
            freed.append(resource["urn"])
    return result, tuple(freed)


def _components(found: list[dict[str, Any]], mount: str) -> frozenset[str]:
    """The URNs of the components that are named after a mount: the one that makes it, its roles, keys and users."""
    owners: dict[str, set[str]] = {}
    for resource in found:
        if place := mount_path(resource) or _place_of(resource):
            owners.setdefault(resource.get("parent", ""), set()).add(place)
    made = {resource.get("parent"): path for resource in found if (path := mount_path(resource))}
    mounts = sorted({mount, *made.values()}, key=len, reverse=True)
    return frozenset(
        resource["urn"]
        for resource in found
        if not resource.get("custom") and _owner(resource["urn"], made, owners, mounts) == mount
    )


def _owner(urn: str, made: Mapping[Any, str], owners: Mapping[str, set[str]], mounts: list[str]) -> str | None:
    """The mount that a component is named after: the longest whose name it begins with, of those that can be meant."""
    can_be = {made[urn]} if urn in made else owners.get(urn) or set(mounts)
    name = urn.rpartition("::")[2]
    return next((m for m in mounts if m in can_be and (name == _named(m) or name.startswith(f"{_named(m)}-"))), None)


def _named(mount: str) -> str:
    """How components name a mount."""
    return f"auth-{mount.removeprefix(AUTH)}" if mount.startswith(AUTH) else mount


def _place_of(resource: Mapping[str, Any]) -> str | None:
    """The mount that a resource lies in, by its properties; None if it lies in none."""
    known = properties(resource)
    place = known.get("backend") or known.get("mount")
    if not isinstance(place, str) or not resource.get("custom"):
        return None
    return f"{AUTH}{place.strip('/')}" if str(resource.get("id", "")).startswith(AUTH) else place.strip("/")


def _is_auth(resource: Mapping[str, Any], mount: str) -> bool:
    """Whether a resource lies in an auth method; what has no place of its own counts as lying where `mount` does."""
    place = mount_path(resource) or _place_of(resource)
    return place.startswith(AUTH) if place else mount.startswith(AUTH)


def _identity(resource: Mapping[str, Any], old: str, new: str) -> str | None:
    """The id at the new path; None if it does not change. That of an auth method itself has no `auth/`."""
    identity = str(resource.get("id") or "")
    # What a mount has one of, such as the key of an SSH engine, may have the mount's own id.
    if identity == old.removeprefix(AUTH) and old in (mount_path(resource), _place_of(resource)):
        return new.removeprefix(AUTH)
    return new + identity[len(old) :] if identity.startswith(f"{old}/") else None


def _move_places(values: dict[str, Any], old: str, new: str) -> None:
    for name in _PLACES:
        if isinstance(values.get(name), str):
            values[name] = _place(values[name], old, new)


def _move_outputs(outputs: dict[str, Any] | None, old: str, new: str) -> None:
    for place in ((outputs or {}).get(OUTPUT) or {}).values():
        place["mount"] = _place(place["mount"], old, new)


def _place(text: str, old: str, new: str) -> str:
    return new + text[len(old) :] if text == old or text.startswith(f"{old}/") else text


def _urn(urn: str, old: str, new: str) -> str:
    kind, _, name = urn.rpartition("::")
    return f"{kind}::{_named(new)}{name[len(_named(old)) :]}"


def _adopted(urn: str, old: str, new: str) -> str | None:
    """That of an adopted thing, which stands alone: `adopted-mount/OLD`, `adopted-role/OLD/app`."""
    kind, _, name = urn.rpartition("::")
    what, slash, place = name.partition("/")
    return f"{kind}::{what}/{_place(place, old, new)}" if slash and what.startswith("adopted-") else None


def _renamed(value: Any, urns: Mapping[str, str]) -> Any:
    """Every URN in a part of the state, wherever it refers to a resource."""
    if isinstance(value, str):
        return urns.get(value, value)
    if isinstance(value, list):
        return [_renamed(item, urns) for item in value]
    if isinstance(value, dict):
        return {key: _renamed(item, urns) for key, item in value.items()}
    return value
