"""What a stack holds in Azure, from its state. Pure."""

from collections.abc import Mapping
from typing import Any

from strongroom.safeguards.holding import Holding, Trait


def holding(kind: str, known: Mapping[str, Any], protected: bool) -> Holding | None:
    """A vault or a key, by the vault's name, which no other has; None for all else."""
    settings = known.get("properties") or {}
    match kind:
        case "azure-native:keyvault:Vault":
            path = f"azure/vault/{known['vaultName']}"
            fixed: dict[str, Trait] = {
                "location": str(known.get("location")),
                "resource_group": str(known.get("resourceGroupName")),
            }
            if days := settings.get("softDeleteRetentionInDays"):
                fixed["soft_delete_days"] = int(days)
            return Holding(path=path, mount="", engine="azure_vault", protected=protected, fixed=fixed)
        case "azure-native:keyvault:Key":
            path = f"azure/vault/{known['vaultName']}/key/{known['keyName']}"
            return Holding(path=path, mount="", engine="azure_key", protected=protected, fixed=_of_key(settings))
    return None


def _of_key(settings: Mapping[str, Any]) -> dict[str, Trait]:
    """As a plan says them. None of them ever changes: Azure Resource Manager makes keys, and no more."""
    size = settings.get("keySize") or str(settings.get("curveName")).replace("P-", "p")
    policy = settings.get("rotationPolicy") or {}
    rotates = [action["trigger"]["timeAfterCreate"] for action in policy.get("lifetimeActions") or ()]
    return {
        "type": f"{str(settings.get('kty')).lower()}-{int(size) if settings.get('keySize') else size}",
        "operations": ", ".join(settings.get("keyOps") or ()),
        "rotate_every": _days(rotates[0] if rotates else None),
        "expires_after": _days((policy.get("attributes") or {}).get("expiryTime")),
    }


def _days(duration: str | None) -> str:
    return f"{(duration or 'P0D')[1:-1]}d"
