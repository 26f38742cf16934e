"""What a plan will hold in the clouds, by account or project. Pure."""

from strongroom.aws.audit.plan import AwsLogBucket
from strongroom.aws.kms.plan import KmsKey
from strongroom.aws.secrets_manager.plan import AwsSecret
from strongroom.azure.key_vault.plan import AzureVault, AzureVaultKey
from strongroom.gcp.kms.plan import GcpCryptoKey
from strongroom.gcp.secret_manager.plan import GcpSecret
from strongroom.plan.record import Record
from strongroom.safeguards.holding import Holding


def holding(record: Record) -> Holding | None:  # noqa: PLR0911  one a kind
    """What a record holds; None if it is not a cloud's."""
    match record:
        case AwsSecret():
            return Holding(
                path=f"aws/{record.place}/secret/{record.path}",
                mount="",
                engine="aws_secret",
                protected=bool(record.protect),
                team=record.slice,
                loc=("secrets", record.name),
            )
        case KmsKey():
            return Holding(
                path=f"aws/{record.place}/key/{record.alias.removeprefix('alias/')}",
                mount="",
                engine="aws_key",
                protected=bool(record.protect),
                fixed={"multi_region": bool(record.replicas)},
                loc=("aws", "keys", record.name),
            )
        case AwsLogBucket():
            return Holding(
                path=f"aws/{record.place}/bucket/{record.name}",
                mount="",
                engine="aws_log_bucket",
                protected=bool(record.protect),
                fixed={"object_lock": record.object_lock is not None},
                loc=("aws", "audit"),
            )
        case AzureVault():
            return Holding(
                path=f"azure/vault/{record.name}",
                mount="",
                engine="azure_vault",
                protected=bool(record.protect),
                fixed={
                    "soft_delete_days": record.soft_delete_days,
                    "location": record.place.location,
                    "resource_group": record.place.resource_group,
                },
                loc=("stores", record.store, "azure_key_vault"),
            )
        case AzureVaultKey():
            return Holding(
                path=f"azure/vault/{record.vault}/key/{record.name}",
                mount="",
                engine="azure_key",
                protected=bool(record.protect),
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
            return Holding(
                path=f"gcp/{record.place}/secret/{record.path}",
                mount="",
                engine="gcp_secret",
                protected=bool(record.protect),
                fixed={"replication": record.replication},
                team=record.slice,
                loc=("secrets", record.name),
            )
        case GcpCryptoKey():
            return Holding(
                path=f"gcp/{record.place}/key/{record.location}/{record.key_ring}/{record.name}",
                mount="",
                engine="gcp_key",
                protected=bool(record.protect),
                fixed={"destroy_scheduled_duration": f"{record.destroy_scheduled_seconds}s"},
                loc=("gcp", "keys", record.name),
            )
    return None
