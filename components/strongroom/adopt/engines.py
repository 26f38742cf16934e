"""Secrets engines, from the server's answers."""

import re
from collections.abc import Mapping
from typing import Any, Final

from strongroom.adopt.found import (
    Found,
    Kind,
    Left,
    NotExpressibleError,
    Reader,
    each,
    listed,
    refused,
    taken,
    words,
)
from strongroom.adopt.stores import declare_roles, take_store
from strongroom.vault.adopted import spec_certificates as certificates
from strongroom.vault.adopted import spec_engines as spec

SYSTEM: Final = words("cubbyhole identity system ns_cubbyhole ns_identity ns_system ns_token")
"""Engines of the server itself."""
_MOUNT_SAYS: Final = words(
    "accessor config deprecation_status plugin_version running_plugin_version running_sha256 type "
    "uuid options external_entropy_access"
)
CONNECTION: Final = Kind(
    spec.AdoptedConnection,
    keys={"root_rotation_statements": "root_credentials_rotate_statements"},
    ignored=words("connection_details plugin_version verify_connection"),
)
ROLE: Final = Kind(spec.AdoptedDatabaseRole, ordinary={"credential_type": "password"})
STATIC_ROLE: Final = Kind(
    spec.AdoptedStaticRole,
    ignored=words("last_vault_rotation ttl"),
    ordinary={"credential_type": "password"},
)
KEY: Final = Kind(
    spec.AdoptedKey,
    ignored=words(
        "keys latest_version min_available_version name supports_decryption supports_derivation "
        "supports_encryption supports_signing kdf kdf_mode convergent_encryption_version"
    ),
)
PKI_ROLE: Final = Kind(
    certificates.AdoptedPkiRole,
    ordinary={"cn_validations": ["email", "hostname"], "not_after_bound": "permit", "not_before_bound": "permit"},
    ignored=words("serial_number_source"),
)
PKI_URLS: Final = Kind(certificates.AdoptedPkiUrls)
SSH_ROLE: Final = Kind(certificates.AdoptedSshRole, ordinary={"issuer_ref": "default"})


def take_engines(reader: Reader, found: Found) -> None:
    """Every secrets engine, and what is in it. Raises ServerError if the token may not see them at all."""
    for key, mount in sorted((reader.read("sys/mounts") or {}).items()):
        path = key.rstrip("/")
        if not isinstance(mount, dict) or mount.get("type") in SYSTEM or "type" not in mount:
            continue
        try:
            if mount["type"] in ("kv", "generic"):
                take_store(reader, path, mount, found)
            else:
                kind, written = _engine(reader, path, mount, found.left)
                found.engines[path] = {kind: written}
                declare_roles(path, written, found)
        except NotExpressibleError as error:
            found.left.append(Left(f"sys/mounts/{path}", f"{error}; the mount and all in it stay as they are"))


def mount_settings(mount: Mapping[str, Any]) -> dict[str, Any]:
    """What the table of mounts says of one, flat. Raises NotExpressibleError if it says more than can be written."""
    config = dict(mount.get("config") or {})
    version = mount.get("plugin_version")
    if version:
        raise NotExpressibleError("it runs a pinned version of a plugin, which cannot be said here yet")
    if mount.get("external_entropy_access"):
        raise NotExpressibleError("it has external_entropy_access, which cannot be said here yet")
    return {**{name: value for name, value in mount.items() if name not in _MOUNT_SAYS}, **config}


def _engine(reader: Reader, path: str, mount: Mapping[str, Any], left: list[Left]) -> tuple[str, dict[str, Any]]:
    kind = mount["type"]
    taker = TAKERS.get(kind)
    if taker is None:
        left.append(Left(path, f"only the mount is declared: what an engine of type {kind} holds cannot be said here"))
        said = {"type": kind, "options": mount.get("options") or {}}
        return "other", taken(Kind(spec.AdoptedOtherEngine), mount_settings(mount), **said)
    if mount.get("options"):
        raise NotExpressibleError("it has options, which cannot be said here yet")
    model, contents = taker
    written = taken(Kind(model), mount_settings(mount))
    return kind, written | {name: what for name, what in contents(reader, path, left).items() if what}


def _database(reader: Reader, path: str, left: list[Left]) -> dict[str, Any]:
    return {
        "connections": _connections(reader, f"{path}/config", left),
        "roles": each(reader, f"{path}/roles", ROLE, left),
        "static_roles": each(reader, f"{path}/static-roles", STATIC_ROLE, left),
    }


def _connections(reader: Reader, place: str, left: list[Left]) -> dict[str, Any]:
    found = {}
    for name in listed(reader, place, left):
        answer = refused(reader, f"{place}/{name}", left)
        if answer is None:
            continue
        details = answer.get("connection_details") or {}
        try:
            merged = {**answer, **details, "backend": None, "password": None}
            found[name] = taken(CONNECTION, _without_negative_idle(merged))
        except NotExpressibleError as error:
            left.append(Left(f"{place}/{name}", str(error)))
    return found


def _without_negative_idle(answer: dict[str, Any]) -> dict[str, Any]:
    # Numbers that the command line sent arrive as texts, and the server keeps them so.
    whole = ("max_open_connections", "max_idle_connections", "max_connection_lifetime")
    return {
        name: int(value) if name in whole and isinstance(value, str) and re.fullmatch(r"-?\d+", value) else value
        for name, value in answer.items()
    }


def _pki(reader: Reader, path: str, left: list[Left]) -> dict[str, Any]:
    if issuers := listed(reader, f"{path}/issuers", left):
        left.append(Left(f"{path}/issuers", f"{len(issuers)} with their keys stay on the server as they are"))
    urls = refused(reader, f"{path}/config/urls", left)
    found: dict[str, Any] = {"roles": each(reader, f"{path}/roles", PKI_ROLE, left)}
    try:
        written = taken(PKI_URLS, urls) if urls else {}
    except NotExpressibleError as error:
        left.append(Left(f"{path}/config/urls", str(error)))
        written = {}
    return {"urls": written, **found}


def _ssh(reader: Reader, path: str, left: list[Left]) -> dict[str, Any]:
    left.append(Left(f"{path}/config/ca", "the key that signs, if there is one, stays on the server as it is"))
    return {"roles": each(reader, f"{path}/roles", SSH_ROLE, left)}


def _transit(reader: Reader, path: str, left: list[Left]) -> dict[str, Any]:
    return {"keys": each(reader, f"{path}/keys", KEY, left)}


TAKERS: Final[Mapping[str, Any]] = {
    "database": (spec.AdoptedDatabaseEngine, _database),
    "pki": (certificates.AdoptedPkiEngine, _pki),
    "ssh": (certificates.AdoptedSshEngine, _ssh),
    "transit": (spec.AdoptedTransitEngine, _transit),
}
