"""KV stores and the names of the secrets in them. No value is read: field names come from `subkeys`."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from strongroom.adopt.found import Found, Left, NotExpressibleError, Reader, checked, listed, refused
from strongroom.spec.names import NAME_PATTERN, RESERVED_TEAMS, FieldName, SecretPath, duration
from strongroom.vault.adopted.spec_access import AdoptedRole
from strongroom.vault.kv.spec import VaultKv
from strongroom.vault.kv_v1.spec import VaultKvV1

SECRETS_MAX: Final = 10_000
"""Of one store. More belong into several catalogs, which somebody has to think about."""
_SETTINGS: Final = frozenset({"cas_required", "delete_version_after", "max_versions"})
TEAM: Final = "adopted"
"""The team of secrets of which the server does not say whose they are."""


def take_store(reader: Reader, path: str, mount: Mapping[str, Any], found: Found) -> None:
    """A KV mount as a store, its secrets into catalogs. Raises NotExpressibleError."""
    options, config = dict(mount.get("options") or {}), dict(mount.get("config") or {})
    version = options.pop("version", "1")
    strange = sorted([*options, *(name for name, value in config.items() if value)])
    strange += [name for name in ("local", "seal_wrap", "plugin_version") if mount.get(name)]
    if strange:
        raise NotExpressibleError(f"it has {', '.join(strange)}, which cannot be said of a store yet")
    written: dict[str, Any] = {"mount": path, "description": mount.get("description") or ""}
    if version == "2":
        settings = refused(reader, f"{path}/config", found.left)
        if settings is None:
            raise NotExpressibleError("its settings cannot be read")
        written |= _settings(settings)
    store = _name_for(path, found.stores, fallback="kv")
    kind, model = ("vault_kv", VaultKv) if version == "2" else ("vault_kv_v1", VaultKvV1)
    found.stores[store] = {kind: checked(model, written)}
    _take_secrets(reader, path, store, version == "2", found)


def _settings(answer: Mapping[str, Any]) -> dict[str, Any]:
    strange = sorted(key for key, value in answer.items() if value and key not in _SETTINGS)
    if strange:
        raise NotExpressibleError(f"it has {', '.join(strange)}, which cannot be said of a store yet")
    seconds = _seconds(str(answer.get("delete_version_after") or "0s"))
    return {
        **({"max_versions": count} if (count := answer.get("max_versions")) else {"max_versions_unset": True}),
        "cas_required": bool(answer.get("cas_required")),
        **({"delete_version_after": duration(seconds)} if seconds else {}),
    }


def _seconds(text: str) -> int:
    """The seconds of a Go duration such as `720h0m0s`."""
    if not re.fullmatch(r"(\d+h)?(\d+m)?(\d+s)?", text):
        raise NotExpressibleError("its delete_version_after is no whole number of seconds")
    return sum(int(n) * {"h": 3600, "m": 60, "s": 1}[unit] for n, unit in re.findall(r"(\d+)([hms])", text))


def _take_secrets(reader: Reader, mount: str, store: str, versioned: bool, found: Found) -> None:
    root = f"{mount}/metadata" if versioned else mount
    paths: list[str] = []
    todo = [""]
    while todo and len(paths) <= SECRETS_MAX:
        folder = todo.pop()
        for name in listed(reader, f"{root}/{folder}".rstrip("/"), found.left):
            (todo if name.endswith("/") else paths).append(f"{folder}{name}")
    if len(paths) > SECRETS_MAX:
        found.left.append(Left(mount, f"more than {SECRETS_MAX} secrets; they stay undeclared, the store is declared"))
        return
    if paths and not versioned:
        left = f"{len(paths)} secrets stay undeclared: version 1 tells the names of fields with their values only"
        found.left.append(Left(mount, f"{left}, which are not read"))
        return
    for path in sorted(paths):
        _take_secret(reader, mount, store, path, found)


def _take_secret(reader: Reader, mount: str, store: str, path: str, found: Found) -> None:
    place = f"{mount}/subkeys/{path}"
    before = len(found.left)
    answer = refused(reader, place, found.left)
    if answer is None:
        if len(found.left) == before:
            found.left.append(Left(place, "its newest version is deleted; it stays undeclared"))
        return
    try:
        fields = sorted(answer.get("subkeys") or {})
        TypeAdapter(list[FieldName]).validate_python(fields)
        TypeAdapter(SecretPath).validate_python(path)
        if not fields:
            raise NotExpressibleError("it has no fields")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        found.left.append(Left(place, f"it stays undeclared: {first['msg']}"))
        return
    except NotExpressibleError as error:
        found.left.append(Left(place, f"it stays undeclared: {error}"))
        return
    head, _, rest = path.partition("/")
    is_team = rest and re.fullmatch(NAME_PATTERN, head) and len(head) <= 40 and head not in RESERVED_TEAMS
    team = head if is_team else TEAM
    secrets = found.secrets.setdefault(team, {})
    secrets[_name_for(rest if is_team else path, secrets)] = {"fields": fields, "store": store, "path": path}


def declare_roles(mount: str, engine: Mapping[str, Any], found: Found) -> None:
    """The roles of a database engine as secrets, so that grants can name them. Whose they are, nobody says."""
    for field, kind in (("roles", "role"), ("static_roles", "static_role")):
        for role in engine.get(field, {}) if "connections" in engine else ():
            secrets = found.secrets.setdefault(TEAM, {})
            try:
                access = checked(AdoptedRole, {"engine": mount, kind: role})
            except NotExpressibleError:
                continue  # a name that no grant can hold; the role itself is declared
            secrets[_name_for(f"{mount}-{role}", secrets)] = {"adopted_role": access}


def _name_for(path: str, taken_names: Mapping[str, Any], fallback: str = "secret") -> str:
    """A name of ours that is as near to a path as can be, and not given yet."""
    plain = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")
    plain = re.sub(r"^[^a-z]+", "", plain)[:36].strip("-") or fallback
    name, number = plain, 1
    while name in taken_names:
        number += 1
        name = f"{plain}-{number}"
    return name
