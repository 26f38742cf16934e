"""What a plan will hold in the clouds, by account or project. Pure."""

from functools import partial
from typing import Any

from strongroom.aws.audit.plan import AwsLogBucket
from strongroom.aws.kms.plan import KmsKey
from strongroom.aws.secrets_manager.plan import AwsSecret
from strongroom.azure.key_vault.plan import AzureVault, AzureVaultKey
from strongroom.gcp.kms.plan import GcpCryptoKey
from strongroom.gcp.secret_manager.plan import GcpSecret
from strongroom.kubernetes.secrets.plan import DeployedKubernetesSecret
from strongroom.plan.record import PLATFORM
from strongroom.plan.stored import StoredSecret
from strongroom.safeguards.holding import Holding


def _declared(record: StoredSecret) -> dict[str, Any]:
    """Who declares a secret, and where: a team's catalog, or the environment file with the keys of its clusters."""
    if record.slice == PLATFORM:
        return {"loc": ("clusters",)}
    return {"team": record.slice, "loc": ("secrets", record.name)}


def holding(record: Any) -> Holding | None:  # noqa: PLR0911  one a kind
    """What a record that says whether it is protected holds; None if it is not a cloud's."""
    held = partial(Holding, protected=bool(record.protect))
    match record:
        case AwsSecret():
            return held(
                path=f"aws/{record.place}/secret/{record.path}",
                engine="aws_secret",
                **_declared(record),
            )
        case KmsKey():
            return held(
                path=f"aws/{record.place}/key/{record.alias.removeprefix('alias/')}",
                engine="aws_key",
                fixed={"multi_region": bool(record.replicas)},
                loc=("aws", "keys", record.name),
            )
        case AwsLogBucket():
            return held(
                path=f"aws/{record.place}/bucket/{record.name}",
                engine="aws_log_bucket",
                fixed={"object_lock": record.object_lock is not None},
                loc=("aws", "audit"),
            )
        case AzureVault():
            return held(
                path=f"azure/vault/{record.name}",
                engine="azure_vault",
                fixed={
                    "soft_delete_days": record.soft_delete_days,
                    "location": record.place.location,
                    "resource_group": record.place.resource_group,
                },
                loc=("stores", record.store, "azure_key_vault"),
            )
        case AzureVaultKey():
            return held(
                path=f"azure/vault/{record.vault}/key/{record.name}",
                engine="azure_key",
                # Azure Resource Manager makes keys and never changes them.
                fixed={
                    "type": record.type,
                    "operations": ", ".join(record.operations),
                    "rotate_every": f"{record.rotate_every_days or 0}d",
                    "expires_after": f"{record.expires_after_days or 0}d",
                },
                loc=("stores", record.store, "azure_key_vault", "keys", record.name),
            )
        case GcpSecret():
            return held(
                path=f"gcp/{record.place}/secret/{record.path}",
                engine="gcp_secret",
                fixed={"replication": record.replication},
                **_declared(record),
            )
        case GcpCryptoKey():
            return held(
                path=f"gcp/{record.place}/key/{record.location}/{record.key_ring}/{record.name}",
                engine="gcp_key",
                fixed={"destroy_scheduled_duration": f"{record.destroy_scheduled_seconds}s"},
                loc=("gcp", "keys", record.name),
            )
        case DeployedKubernetesSecret():
            return held(
                path=f"kubernetes/{record.place}/{record.namespace}/secret/{record.name}",
                engine="kubernetes_secret",
                fixed={"type": record.type},
                loc=("clusters", record.place.cluster, "secrets", record.declared),
            )
    return None
