"""What a stack holds now, from its state: what `pulumi stack export` prints, or the file of a backend. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from strongroom.errors import WrongInputError
from strongroom.safeguards import deployed_clouds
from strongroom.safeguards.holding import AUTH, Holding, Place, Places

Resource = Mapping[str, Any]
MOUNT: Final = "vault:index/mount:Mount"
ENGINE_MOUNT: Final = "/secretBackend:SecretBackend"
AUTH_MOUNT: Final = "/authBackend:AuthBackend"
"""How the types of resources end that mount an engine or auth method of one kind; some kinds have their own."""
STACK: Final = "pulumi:pulumi:Stack"
OUTPUT: Final = "secrets"
"""The stack's output that says where each secret is kept."""

_TOTP_KEYS: Final = "::strongroom:index:VaultTotpKeys$"
_SSH_KEY: Final = "vault:ssh/secretBackendCa:SecretBackendCa"
_KV_SETTINGS: Final = "vault:kv/secretBackendV2:SecretBackendV2"


@dataclass(frozen=True)
class Deployed:
    """A stack as its state has it."""

    holdings: Mapping[str, Holding] = field(default_factory=dict)
    """By path."""
    secrets: Places = field(default_factory=dict)
    pending: frozenset[str] = frozenset()
    """Mounts that an interrupted run may or may not have made."""


def read(file: Path) -> dict[str, Any]:
    """A state from a file. Raises WrongInputError if it is none."""
    try:
        data = json.loads(file.read_text("utf-8"))
        resources(data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WrongInputError(
            f"{file} is no state of a stack ({type(error).__name__}); write one with `pulumi stack export --file FILE`"
        ) from None
    return dict(data)


def deployment(state: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a state that lists resources. Raises KeyError if it is none."""
    found = state["deployment"] if "deployment" in state else state["checkpoint"]["latest"]
    return found if found is not None else {}


def resources(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The resources of a state, without those that are only still to be deleted."""
    # What is external was only looked at: another stack has it, and this one cannot lose it.
    found = deployment(state).get("resources") or []
    return [r for r in found if not r.get("delete") and not r.get("external")]


def properties(resource: Resource) -> dict[str, Any]:
    """What the server has, where the state knows it, else what was asked for."""
    given = {**(resource.get("inputs") or {})}
    return given | {name: value for name, value in (resource.get("outputs") or {}).items() if value is not None}


def mount_path(resource: Resource) -> str | None:
    """The path of a mount, `auth/…` for an auth method; None for all that is no mount."""
    is_auth = resource["type"].endswith(AUTH_MOUNT)
    if not is_auth and resource["type"] != MOUNT and not resource["type"].endswith(ENGINE_MOUNT):
        return None
    # What is mounted without a path is at its type.
    path = str(properties(resource).get("path") or _engine(resource)).strip("/")
    return f"{AUTH}{path}" if is_auth else path


def _engine(resource: Resource) -> str:
    """The engine or auth method, by the name of its room."""
    known = properties(resource)
    # Of those that have a resource type of their own, that names it: `vault:aws/secretBackend:SecretBackend`.
    engine = str(known.get("type") or resource["type"].split(":")[1].partition("/")[0])
    if resource["type"] == MOUNT and engine == "kv":
        return "kv" if (known.get("options") or {}).get("version") == "2" else "kv_v1"
    return engine


def deployed(state: Mapping[str, Any]) -> Deployed:
    """What a stack holds."""
    found = resources(state)
    settings = [resource for resource in found if resource["type"] in (_SSH_KEY, _KV_SETTINGS)]
    mounts = {p: _with_settings(_mount(resource, p), settings) for resource in found if (p := mount_path(resource))}
    holdings = mounts | {item.path: item for resource in found if (item := _item(resource))}
    operations = deployment(state).get("pending_operations") or []
    pending = frozenset(path for o in operations if (path := mount_path(o["resource"])))
    return Deployed(holdings, _secrets(found), pending)


def _mount(resource: Resource, path: str) -> Holding:
    known = properties(resource)
    return Holding(
        path=path,
        mount=path,
        engine=_engine(resource),
        protected=bool(resource.get("protect")),
        fixed={"namespace": str(known.get("namespace") or "")},
        accessor=str(known.get("accessor") or ""),
    )


def _with_settings(mount: Holding, found: list[dict[str, Any]]) -> Holding:
    """A mount with what resources of its own say of it."""
    for resource in found:
        known = properties(resource)
        if resource["type"] == _SSH_KEY and _in(known, "backend") == mount.path:
            mount = replace(mount, fixed={**mount.fixed, "key_type": known["keyType"]})
        elif resource["type"] == _KV_SETTINGS and _in(known, "mount") == mount.path and known.get("maxVersions"):
            mount = replace(mount, not_lower={"max_versions": int(known["maxVersions"])})
    return mount


def _in(known: Mapping[str, Any], name: str) -> str:
    return str(known.get(name) or "").strip("/")


def _item(resource: Resource) -> Holding | None:
    """What lies within a mount and holds something by itself; or a namespace."""
    known, protected = properties(resource), bool(resource.get("protect"))
    match resource["type"]:
        case "vault:transit/secretBackendKey:SecretBackendKey":
            mount = _in(known, "backend")
            return Holding(
                path=f"{mount}/keys/{known['name']}",
                mount=mount,
                engine="transit",
                protected=protected,
                fixed={
                    "type": known["type"],
                    "derived": bool(known.get("derived")),
                    "convergent_encryption": bool(known.get("convergentEncryption")),
                },
                not_higher={"min_decryption_version": int(known.get("minDecryptionVersion") or 1)},
            )
        case (
            "vault:pkiSecret/secretBackendRootCert:SecretBackendRootCert"
            | "vault:pkiSecret/secretBackendIntermediateCertRequest:SecretBackendIntermediateCertRequest"
        ):
            mount = _in(known, "backend")
            return Holding(
                path=f"{mount}/issuer/{known['commonName']}",
                mount=mount,
                engine="pki",
                protected=protected,
                fixed={"key_type": known.get("keyType") or "rsa", "key_bits": int(known.get("keyBits") or 0)}
                | ({"ttl_seconds": int(known["ttl"])} if str(known.get("ttl", "")).isdecimal() else {}),
            )
        case "vault:database/secretBackendConnection:SecretBackendConnection":
            mount = _in(known, "backend")
            path = f"{mount}/config/{known['name']}"
            return Holding(path=path, mount=mount, engine="database", protected=protected)
        case "vault:generic/endpoint:Endpoint" if _TOTP_KEYS in resource["urn"]:
            path = str(known["path"]).strip("/")
            return Holding(path=path, mount=path.rpartition("/keys/")[0], engine="totp", protected=protected)
        case "vault:index/namespace:Namespace":
            path = "/".join(part.strip("/") for part in (known.get("namespace"), known["path"]) if part)
            return Holding(path=f"sys/namespaces/{path}", engine="namespace", protected=protected)
    return deployed_clouds.holding(resource["type"], known, protected)


def _secrets(found: list[dict[str, Any]]) -> dict[str, Place]:
    said = next((r.get("outputs") or {} for r in found if r["type"] == STACK), {}).get(OUTPUT) or {}
    return {
        key: Place(mount=place["mount"], path=place["path"], fields=tuple(place["fields"]))
        for key, place in said.items()
    }
