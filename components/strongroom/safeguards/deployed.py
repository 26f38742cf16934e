"""What a stack holds now, from its state: what `pulumi stack export` prints, or the file of a backend. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from strongroom.errors import WrongInputError
from strongroom.safeguards.holding import AUTH, Holding, Place, Places

Resource = Mapping[str, Any]
ENGINE_MOUNT: Final = "vault:index/mount:Mount"
AUTH_MOUNT: Final = "/authBackend:AuthBackend"
"""How the types of all resources end that mount an auth method: some methods have a resource of their own."""
STACK: Final = "pulumi:pulumi:Stack"
OUTPUT: Final = "secrets"
"""The stack's output that says where each secret is kept."""

_TOTP_KEYS: Final = "::strongroom:index:VaultTotpKeys$"
_SIGNED: Final = "vault:pkiSecret/secretBackendRootSignIntermediate:SecretBackendRootSignIntermediate"
_AUTHORITY: Final = {"common_name": "commonName", "key_type": "keyType", "key_bits": "keyBits"}
_FIXED: Final[Mapping[str, Mapping[str, str]]] = {
    "vault:pkiSecret/secretBackendRootCert:SecretBackendRootCert": {**_AUTHORITY, "ttl_seconds": "ttl"},
    "vault:pkiSecret/secretBackendIntermediateCertRequest:SecretBackendIntermediateCertRequest": _AUTHORITY,
    "vault:ssh/secretBackendCa:SecretBackendCa": {"key_type": "keyType"},
}
"""Types of which a mount has one, and that can only change by being made anew: trait -> property."""
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
    return [r for r in deployment(state).get("resources") or [] if not r.get("delete")]


def properties(resource: Resource) -> dict[str, Any]:
    """What the server has, where the state knows it, else what was asked for."""
    given = {**(resource.get("inputs") or {})}
    return given | {name: value for name, value in (resource.get("outputs") or {}).items() if value is not None}


def mount_path(resource: Resource) -> str | None:
    """The path of a mount, `auth/…` for an auth method; None for all that is no mount."""
    is_auth = resource["type"].endswith(AUTH_MOUNT)
    if not is_auth and resource["type"] != ENGINE_MOUNT:
        return None
    # An auth method without a path is mounted at its type.
    path = str(properties(resource).get("path") or properties(resource)["type"]).strip("/")
    return f"{AUTH}{path}" if is_auth else path


def deployed(state: Mapping[str, Any]) -> Deployed:
    """What a stack holds."""
    found = resources(state)
    mounts = {path: _mount(resource, path) for resource in found if (path := mount_path(resource))}
    for path, traits in _traits(found):
        if path in mounts and "max_versions" in traits:
            mounts[path] = replace(mounts[path], not_lower=traits)
        elif path in mounts:
            mounts[path] = replace(mounts[path], fixed={**mounts[path].fixed, **traits})
    holdings = mounts | {item.path: item for resource in found if (item := _item(resource))}
    operations = deployment(state).get("pending_operations") or []
    pending = frozenset(path for o in operations if (path := mount_path(o["resource"])))
    return Deployed(holdings, _secrets(found), pending)


def _mount(resource: Resource, path: str) -> Holding:
    known = properties(resource)
    engine = str(known["type"])
    if resource["type"] == ENGINE_MOUNT and engine == "kv":
        engine = "kv" if (known.get("options") or {}).get("version") == "2" else "kv_v1"
    return Holding(
        path=path,
        mount=path,
        engine=engine,
        protected=bool(resource.get("protect")),
        fixed={"namespace": str(known.get("namespace") or "")},
        accessor=str(known.get("accessor") or ""),
    )


def _traits(found: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is fixed about mounts, from the resources that are not the mount itself."""
    mount_of_component = {r.get("parent"): path for r in found if (path := mount_path(r))}
    for resource in found:
        known = properties(resource)
        if names := _FIXED.get(resource["type"]):
            traits = {trait: known[name] for trait, name in names.items() if name in known}
            if "ttl_seconds" in traits:
                traits = {**traits, "ttl_seconds": int(traits["ttl_seconds"]), "signed_by": ""}
            yield str(known["backend"]).strip("/"), traits
        elif resource["type"] == _SIGNED and (path := mount_of_component.get(resource.get("parent"))):
            yield path, {"signed_by": str(known["backend"]).strip("/")}
        elif resource["type"] == _KV_SETTINGS and known.get("maxVersions"):
            yield str(known["mount"]).strip("/"), {"max_versions": int(known["maxVersions"])}


def _item(resource: Resource) -> Holding | None:
    """What lies within a mount and holds something by itself; or a namespace."""
    known, protected = properties(resource), bool(resource.get("protect"))
    match resource["type"]:
        case "vault:transit/secretBackendKey:SecretBackendKey":
            mount = str(known["backend"]).strip("/")
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
        case "vault:database/secretBackendConnection:SecretBackendConnection":
            mount = str(known["backend"]).strip("/")
            path = f"{mount}/config/{known['name']}"
            return Holding(path=path, mount=mount, engine="database", protected=protected)
        case "vault:generic/endpoint:Endpoint" if _TOTP_KEYS in resource["urn"]:
            path = str(known["path"]).strip("/")
            return Holding(path=path, mount=path.rpartition("/keys/")[0], engine="totp", protected=protected)
        case "vault:index/namespace:Namespace":
            path = "/".join(part.strip("/") for part in (known.get("namespace"), known["path"]) if part)
            return Holding(path=f"sys/namespaces/{path}", mount="", engine="namespace", protected=protected)
    return None


def _secrets(found: list[dict[str, Any]]) -> dict[str, Place]:
    said = next((r.get("outputs") or {} for r in found if r["type"] == STACK), {}).get(OUTPUT) or {}
    return {
        key: Place(mount=place["mount"], path=place["path"], fields=tuple(place["fields"]))
        for key, place in said.items()
    }
