"""What a stack holds in the clouds, from its state, by account or project. Pure."""

from collections.abc import Mapping
from typing import Any

from strongroom.safeguards.holding import Holding, Trait


def holding(kind: str, known: Mapping[str, Any], protected: bool) -> Holding | None:
    """What a resource holds; None if it holds nothing, or is no cloud's."""
    match kind:
        case "aws:secretsmanager/secret:Secret" if known.get("arn"):
            path = f"aws/{_place(known['arn'])}/secret/{known['name']}"
            return Holding(path=path, engine="aws_secret", protected=protected)
        case "aws:kms/key:Key" if known.get("arn") and (item := (known.get("tags") or {}).get("strongroom:item")):
            # A key does not know its alias; its tags say what that is made of.
            path = f"aws/{_place(known['arn'])}/key/{known['tags'].get('strongroom:environment')}/{item}"
            fixed = {"multi_region": bool(known.get("multiRegion"))}
            return Holding(path=path, engine="aws_key", protected=protected, fixed=fixed)
        case "aws:s3/bucket:Bucket" if known.get("region") and (owner := _account_of_logs(known)):
            path = f"aws/{owner}/{known['region']}/bucket/{known['bucket']}"
            fixed = {"object_lock": bool(known.get("objectLockEnabled"))}
            return Holding(path=path, engine="aws_log_bucket", protected=protected, fixed=fixed)
        case "gcp:secretmanager/secret:Secret":
            path = f"gcp/{known['project']}/secret/{known['secretId']}"
            traits = {"replication": _replication(known)}
            return Holding(path=path, engine="gcp_secret", protected=protected, fixed=traits)
        case "gcp:kms/cryptoKey:CryptoKey":
            _, project, _, location, _, ring = str(known["keyRing"]).split("/")
            path = f"gcp/{project}/key/{location}/{ring}/{known['name']}"
            lasts = {"destroy_scheduled_duration": str(known.get("destroyScheduledDuration"))}
            return Holding(path=path, engine="gcp_key", protected=protected, fixed=lasts)
    return _in_azure(kind, known, protected) or _in_a_cluster(kind, known, protected)


def _place(arn: str) -> str:
    """As `AwsPlace` says it: account and region."""
    _, _, _, region, account, *_ = arn.split(":")
    return f"{account}/{region}"


def _replication(known: Mapping[str, Any]) -> str:
    """As `GcpSecret.replication` says it."""
    replicas = ((known.get("replication") or {}).get("userManaged") or {}).get("replicas") or ()
    return ", ".join(sorted(replica["location"] for replica in replicas)) or "automatic"


def _account_of_logs(known: Mapping[str, Any]) -> str | None:
    """The account of a bucket of log files, which a bucket's ARN does not say, but the name of ours does."""
    if (known.get("tags") or {}).get("strongroom:item") != "audit":
        return None
    return str(known.get("bucket", "")).rpartition("-")[2] or None


def _in_a_cluster(kind: str, known: Mapping[str, Any], protected: bool) -> Holding | None:
    """A Secret that is ours, which says itself in which cluster: to the provider that is credentials only."""
    about = known.get("metadata") or {}
    cluster = (about.get("labels") or {}).get("strongroom/cluster")
    if kind != "kubernetes:core/v1:Secret" or not cluster:
        return None
    path = f"kubernetes/{cluster}/{about['namespace']}/secret/{about['name']}"
    kept = {"type": str(known.get("type") or "Opaque")}
    return Holding(path=path, engine="kubernetes_secret", protected=protected, fixed=kept)


def _in_azure(kind: str, known: Mapping[str, Any], protected: bool) -> Holding | None:
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
            return Holding(path=path, engine="azure_vault", protected=protected, fixed=fixed)
        case "azure-native:keyvault:Key":
            path = f"azure/vault/{known['vaultName']}/key/{known['keyName']}"
            return Holding(path=path, engine="azure_key", protected=protected, fixed=_of_key(settings))
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
