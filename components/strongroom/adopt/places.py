"""Where the resources of a program are on the server: their ids as the provider has them, and whether they exist.

Ids: pulumi-vault's own pages, section "Import" of each resource.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from strongroom.adopt.found import Reader

_AUTH_ROLE: Final = "auth/{backend}/role/{roleName}"
PLACES: Final[Mapping[str, tuple[str, str]]] = {
    "vault:index/mount:Mount": ("{path}", "sys/mounts"),
    "vault:index/authBackend:AuthBackend": ("{path}", "sys/auth"),
    "vault:jwt/authBackend:AuthBackend": ("{path}", "sys/auth"),
    "vault:index/audit:Audit": ("{path}", "sys/audit"),
    "vault:index/policy:Policy": ("{name}", "sys/policies/acl/{name}"),
    "vault:index/passwordPolicy:PasswordPolicy": ("{name}", "sys/policies/password/{name}"),
    "vault:index/quotaRateLimit:QuotaRateLimit": ("{name}", "sys/quotas/rate-limit/{name}"),
    "vault:index/quotaLeaseCount:QuotaLeaseCount": ("{name}", "sys/quotas/lease-count/{name}"),
    "vault:index/certAuthBackendRole:CertAuthBackendRole": ("auth/{backend}/certs/{name}", ""),
    "vault:appRole/authBackendRole:AuthBackendRole": (_AUTH_ROLE, ""),
    "vault:jwt/authBackendRole:AuthBackendRole": (_AUTH_ROLE, ""),
    "vault:kubernetes/authBackendRole:AuthBackendRole": (_AUTH_ROLE, ""),
    "vault:kubernetes/authBackendConfig:AuthBackendConfig": ("auth/{backend}/config", ""),
    "vault:tokenauth/authBackendRole:AuthBackendRole": ("auth/token/roles/{roleName}", ""),
    "vault:kv/secretBackendV2:SecretBackendV2": ("{mount}/config", ""),
    "vault:database/secretBackendConnection:SecretBackendConnection": ("{backend}/config/{name}", ""),
    "vault:database/secretBackendRole:SecretBackendRole": ("{backend}/roles/{name}", ""),
    "vault:database/secretBackendStaticRole:SecretBackendStaticRole": ("{backend}/static-roles/{name}", ""),
    "vault:transit/secretBackendKey:SecretBackendKey": ("{backend}/keys/{name}", ""),
    "vault:pkiSecret/secretBackendRole:SecretBackendRole": ("{backend}/roles/{name}", ""),
    "vault:pkiSecret/secretBackendConfigUrls:SecretBackendConfigUrls": ("{backend}/config/urls", ""),
    "vault:ssh/secretBackendRole:SecretBackendRole": ("{backend}/roles/{name}", ""),
}
"""Type -> its id, and where it can be read if that is not its id. Braces hold inputs."""
_TABLES: Final = frozenset({"sys/mounts", "sys/auth", "sys/audit"})


class Places:
    """The ids that things have on one server."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._tables: dict[str, dict[str, Any]] = {}

    def id_of(self, type_: str, inputs: Mapping[str, Any]) -> str | None:
        """The id of a resource that is on the server; None if it is not there, or cannot be imported."""
        if type_ in _BY_UUID:
            found: str | None = _BY_UUID[type_](self._reader, inputs)
            return found
        if type_ not in PLACES:
            return None
        form, place = PLACES[type_]
        identity = _filled(form, inputs)
        if place in _TABLES:
            return identity if f"{identity}/" in self.table(place) else None
        return identity if self._reader.read(_filled(place or form, inputs)) is not None else None

    def accessor(self, path: str) -> str:
        """The accessor of an auth method; empty if there is none."""
        return str(self.table("sys/auth").get(f"{path.strip('/')}/", {}).get("accessor", ""))

    def table(self, place: str) -> dict[str, Any]:
        """One of the server's tables of mounts."""
        if place not in self._tables:
            self._tables[place] = self._reader.read(place) or {}
        return self._tables[place]


def _filled(form: str, inputs: Mapping[str, Any]) -> str:
    return re.sub(r"{(\w+)}", lambda found: str(inputs[found[1]]).strip("/"), form)


def _named(collection: str) -> Any:
    def find(reader: Reader, inputs: Mapping[str, Any]) -> str | None:
        answer = reader.read(f"identity/{collection}/name/{inputs['name']}")
        return None if answer is None else str(answer["id"])

    return find


def _alias(collection: str) -> Any:
    def find(reader: Reader, inputs: Mapping[str, Any]) -> str | None:
        owner = reader.read(f"identity/{collection}/id/{inputs['canonicalId']}") or {}
        for alias in [*(owner.get("aliases") or []), owner.get("alias") or {}]:
            if (alias.get("name"), alias.get("mount_accessor")) == (inputs["name"], inputs["mountAccessor"]):
                return str(alias["id"])
        return None

    return find


_BY_UUID: Final[Mapping[str, Any]] = {
    "vault:identity/entity:Entity": _named("entity"),
    "vault:identity/group:Group": _named("group"),
    "vault:identity/entityAlias:EntityAlias": _alias("entity"),
    "vault:identity/groupAlias:GroupAlias": _alias("group"),
}
"""The server draws their ids."""
