"""The policy of a key: who manages it, and that it is used through the stores only, by whom the plan names."""

from dataclasses import dataclass
from typing import Final

from strongroom.access.aws.statement import Condition, Statement, Values, text
from strongroom.aws.iam.arns import multi_region_role, root_arn
from strongroom.aws.iam.document import Service, via
from strongroom.aws.iam.limits import LimitError

LONGEST: Final = 32_768
"""Bytes: AWS KMS, "Resource quotas"."""

MANAGING: Final = (
    "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey",
    "kms:DisableKeyRotation", "kms:EnableKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus",
    "kms:ListGrants", "kms:ListKeyPolicies", "kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy",
    "kms:ReplicateKey", "kms:RevokeGrant", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion", "kms:TagResource",
    "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription", "kms:UpdatePrimaryRegion",
)  # fmt: skip
"""What managing a key takes. Neither using it nor CreateGrant, by which a manager could let others use it."""
USING: Final = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")
"""What the stores do with a key on behalf of whoever reads or writes."""

_CONTEXT: Final = "kms:EncryptionContext:SecretARN"


@dataclass(frozen=True, slots=True)
class ReaderElsewhere:
    """A role or user of another account that reads secrets under this key."""

    arn: str
    secrets: Values
    """The ARNs of the secrets, as patterns of `secret_pattern`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """Whom a key is for."""

    partition: str
    account: str
    regions: Values
    """Where it is, replicas included."""
    administrators: Values = ()
    """Who manages it. Empty: whom the account's own policies leave that to."""
    users: Values = ()
    """Who of the account uses it through the stores, if their own policies say so too: ARNs, of which the path of the
    environment's roles ends in `*`. Empty: everybody whose own policies say so."""
    elsewhere: tuple[ReaderElsewhere, ...] = ()


def key_policy(use: KeyUse) -> str:
    """The document. Raises LimitError."""
    document = text(_statements(use))
    if len(document) > LONGEST:
        raise LimitError(
            f"the policy of the key has {len(document)} characters, and KMS takes {LONGEST}: let readers of other "
            "accounts assume one role each, or spread the secrets over several keys"
        )
    return document


def _statements(use: KeyUse) -> list[Statement]:
    root = (root_arn(use.partition, use.account),)
    stores = _through(use.regions, "secretsmanager", "ssm")
    found = [
        Statement(
            sid="Manage",
            effect="Allow",
            principal=(("AWS", use.administrators or root),),
            action=MANAGING,
            resource=("*",),
        ),
        # The account as a whole, so that roles may come and go: KMS turns the ARN of one that is gone into an id that
        # no new role of that name has.
        Statement(
            sid="UseThroughStores",
            effect="Allow",
            principal=(("AWS", root),),
            action=USING,
            resource=("*",),
            condition=(stores, *([Condition("ArnLike", "aws:PrincipalArn", use.users)] if use.users else [])),
        ),
    ]
    if len(use.regions) > 1:
        # It acts under the account's policies, so that a key's own has to leave it that.
        alike = Condition("ArnEquals", "aws:PrincipalArn", (multi_region_role(use.partition, use.account),))
        found.append(
            Statement(
                sid="KeepReplicasAlike",
                effect="Allow",
                principal=(("AWS", root),),
                action=("kms:SynchronizeMultiRegionKey",),
                resource=("*",),
                condition=(alike,),
            )
        )
    by_secrets: dict[Values, list[str]] = {}
    for reader in use.elsewhere:
        by_secrets.setdefault(reader.secrets, []).append(reader.arn)
    found += [
        Statement(
            sid=f"ReadFromElsewhere{position}",
            effect="Allow",
            principal=(("AWS", tuple(arns)),),
            action=("kms:Decrypt",),
            resource=("*",),
            condition=(_through(use.regions, "secretsmanager"), Condition("StringLike", _CONTEXT, secrets)),
        )
        for position, (secrets, arns) in enumerate(by_secrets.items(), start=1)
    ]
    return found


def _through(regions: Values, *services: Service) -> Condition:
    values = [value for service in services for value in via(service, *regions).values]
    return Condition("StringEquals", "kms:ViaService", tuple(values))
