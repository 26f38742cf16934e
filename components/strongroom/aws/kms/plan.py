"""Keys of AWS KMS, with the policies that follow from who uses their stores."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.aws.iam.document import Access
from strongroom.aws.iam.grants import (
    access,
    arns_of,
    holders_of,
    iam_of,
    is_here,
    role_pattern,
    rotators_of,
    service_of,
    store_of,
)
from strongroom.aws.kms.document import KeyUse, ReaderElsewhere, key_policy
from strongroom.aws.kms.spec import DAY, AwsKey
from strongroom.aws.place import AwsPlace, place_of
from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope, remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class KmsKey(Record):
    """A key and its alias."""

    kind: ClassVar[str] = "aws.kms.key"
    place: AwsPlace
    name: str
    """The name that stores use for it."""
    alias: str
    description: str
    rotation_period_days: int
    deletion_window_days: int
    replicas: tuple[str, ...]
    policy: str
    protect: bool

    @property
    def key(self) -> str:
        return self.name


def plan(scope: Scope) -> Iterator[Record]:
    for name, key in sorted(scope.environment.aws.keys.items()) if scope.environment.aws else ():
        yield of_key(scope, name, key)


@remembered
def of_key(scope: Scope, name: str, key: AwsKey) -> KmsKey:
    """One key. Raises LimitError."""
    return KmsKey(
        slice=PLATFORM,
        place=place_of(scope),
        name=name,
        alias=naming.kms_alias_of(scope.name, name),
        description=key.description or f"encrypts secrets of {scope.name}",
        rotation_period_days=key.rotation_period // DAY,
        deletion_window_days=key.deletion_window // DAY,
        replicas=key.replicas,
        policy=key_policy(_use(scope, name, key)),
        protect=scope.environment.protect,
    )


def _use(scope: Scope, name: str, declared: AwsKey) -> KeyUse:
    place, iam = place_of(scope), iam_of(scope)
    secrets = [key for key in scope.secrets if service_of(scope, key) and store_of(scope, key).kms_key == name]
    users: tuple[str, ...] = ()
    if declared.users:
        pattern = role_pattern(scope)
        workloads = sorted({grant.workload for secret in secrets for grant in scope.grants_on[secret]})
        named = [arn for workload in workloads for arn in arns_of(scope, workload) if is_here(scope, arn)]
        named += [arn for secret in secrets for arn in rotators_of(scope, secret)]
        others = [arn for arn in named if not arn.startswith(pattern.removesuffix("*"))]
        users = tuple(dict.fromkeys([pattern, *declared.users, *iam.operators, *iam.break_glass, *others]))
    return KeyUse(
        partition=place.partition,
        account=place.account,
        regions=(place.region, *declared.replicas),
        administrators=declared.administrators,
        users=users,
        elsewhere=tuple(_elsewhere(scope, secrets)),
    )


def _elsewhere(scope: Scope, secrets: list[Key]) -> Iterator[ReaderElsewhere]:
    """Readers of other accounts, each with its secrets."""
    found: dict[str, list[Access]] = {}
    for secret in secrets:
        for arn in holders_of(scope, secret, "read"):
            if not is_here(scope, arn):
                found.setdefault(arn, []).append(access(scope, secret, ("read",)))
    for arn, read in sorted(found.items()):
        patterns = [pattern for each in read for region in each.regions("read") for pattern in each.arns(region)]
        yield ReaderElsewhere(arn, tuple(patterns))
