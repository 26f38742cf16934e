"""Audit in AWS: the trail and its bucket, and the rules by which access that nobody declared raises an alert."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from strongroom.aws.audit import names, patterns
from strongroom.aws.audit.document import bucket_policy, key_policy, topic_policy
from strongroom.aws.audit.spec import DAY, AwsAudit
from strongroom.aws.audit.watched import (
    both,
    deployers_of,
    emergency_of,
    expected_of,
    keeps,
    makes_key,
    regions_of,
    topic_regions,
    watched_in,
)
from strongroom.aws.iam.grants import iam_of
from strongroom.aws.kms.plan import KmsKey
from strongroom.aws.parameter_store import plan as parameter_store
from strongroom.aws.place import AwsPlace, place_of
from strongroom.aws.rotation.plan import rotated
from strongroom.aws.secrets_manager import plan as secrets_manager
from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope, remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsLogBucket(Record):
    """The bucket that holds the log files."""

    kind: ClassVar[str] = "aws.audit.bucket"
    place: AwsPlace
    name: str
    policy: str
    retention_days: int
    object_lock: str | None
    """`governance`, `compliance`; None: whoever may delete, deletes."""
    protect: bool

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsTrail(Record):
    """A trail of CloudTrail for all management events."""

    kind: ClassVar[str] = "aws.audit.trail"
    place: AwsPlace
    name: str
    bucket: str
    multi_region: bool
    kms_key: str
    """The name of the key that encrypts log files."""
    protect: bool

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAlertRule:
    """A rule of EventBridge."""

    short: str
    name: str
    description: str
    pattern: str
    """As JSON, in which `<name>` stands for the id of a key of `aws.keys`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAlerts(Record):
    """What raises alerts in one region, and where they go."""

    kind: ClassVar[str] = "aws.audit.alerts"
    place: AwsPlace
    """Of the region that is watched."""
    topic_name: str | None
    """Of the topic that is made."""
    topic_policy: str | None
    topic_key: str | None
    """The alias of the key that encrypts its messages."""
    topic_arn: str | None
    """Of one that was there before."""
    rules: tuple[AwsAlertRule, ...]

    @property
    def key(self) -> str:
        return self.place.region


def plan(scope: Scope) -> Iterator[Record]:
    if scope.environment.aws is None or (audit := scope.environment.aws.audit) is None:
        return
    place = place_of(scope)
    if audit.trail == "own":
        yield from _trail(scope, audit, place)
    if makes_key(audit):
        yield _key(scope, audit, place)
    for region in regions_of(scope):
        yield alerts_in(scope, audit, region)


def _trail(scope: Scope, audit: AwsAudit, place: AwsPlace) -> Iterator[Record]:
    arn = names.trail_arn(place.partition, place.region, place.account, scope.name)
    bucket = audit.bucket or names.bucket_of(scope.name, place.account)
    if not audit.bucket:
        yield AwsLogBucket(
            slice=PLATFORM,
            place=place,
            name=bucket,
            policy=bucket_policy(partition=place.partition, bucket=bucket, account=place.account, trail_arn=arn),
            retention_days=audit.retention // DAY,
            object_lock=None if audit.object_lock == "none" else audit.object_lock,
            protect=scope.environment.protect,
        )
    yield AwsTrail(
        slice=PLATFORM,
        place=place,
        name=names.trail_of(scope.name),
        bucket=bucket,
        multi_region=audit.multi_region,
        kms_key=names.KEY,
        protect=scope.environment.protect,
    )


def _key(scope: Scope, audit: AwsAudit, place: AwsPlace) -> KmsKey:
    """One key for log files and alerts, in each region that has a topic."""
    own = audit.trail == "own"
    return KmsKey(
        slice=PLATFORM,
        place=place,
        name=names.KEY,
        alias=naming.kms_alias_of(scope.name, names.KEY),
        description=f"encrypts the record of who uses secrets of {scope.name}, and alerts",
        rotation_period_days=365,
        deletion_window_days=30,
        replicas=topic_regions(scope, audit),
        policy=key_policy(
            partition=place.partition,
            account=place.account,
            trail_arn=names.trail_arn(place.partition, place.region, place.account, scope.name) if own else None,
            alerts=not audit.topic_arns,
        ),
        protect=scope.environment.protect,
    )


@remembered
def alerts_in(scope: Scope, audit: AwsAudit, region: str) -> AwsAlerts:
    """The alerts of one region. Raises LimitError."""
    place = replace(place_of(scope), region=region)
    rules = tuple(_rules(scope, audit, region))
    at = (place.partition, region, place.account, scope.name)
    given = next((arn for arn in audit.topic_arns if arn.split(":")[3] == region), None)
    made = not audit.topic_arns
    policy = topic_policy(
        topic_arn=names.topic_arn(*at), rule_arns=tuple(names.rule_arn(*at, rule.short) for rule in rules)
    )
    return AwsAlerts(
        slice=PLATFORM,
        place=place,
        topic_name=names.topic_of(scope.name) if made else None,
        topic_policy=policy if made else None,
        topic_key=naming.kms_alias_of(scope.name, names.KEY) if made else None,
        topic_arn=given,
        rules=rules,
    )


def _rules(scope: Scope, audit: AwsAudit, region: str) -> Iterator[AwsAlertRule]:
    watched, expected, deployers = watched_in(scope, audit, region), expected_of(scope, audit), deployers_of(audit)

    def rule(short: str, description: str, pattern: str) -> AwsAlertRule:
        name = names.rule_of(scope.name, short)
        return AwsAlertRule(short=short, name=name, description=description, pattern=pattern)

    if keeps(scope, secrets_manager.KIND):
        what = f"somebody who was not declared uses a secret of {scope.name}"
        yield rule("secrets", what, patterns.secrets_used(watched, expected))
    if keeps(scope, parameter_store.KIND) and region == place_of(scope).region:
        what = f"somebody who was not declared uses a parameter of {scope.name}"
        yield rule("parameters", what, patterns.parameters_used(watched, both(expected, deployers)))
    if iam_of(scope).break_glass:
        what = f"somebody uses a secret of {scope.name} as for an emergency"
        yield rule("emergency", what, patterns.emergency(watched, emergency_of(scope)))
    yield rule("denied", f"somebody was refused a secret or key of {scope.name}", patterns.denied(watched))
    what = (
        f"who may use secrets and keys of {scope.name}, or their rotation, is changed by somebody who does not deploy"
    )
    yield rule("changes", what, patterns.changes(watched, deployers))
    what = f"the record of who uses secrets of {scope.name}, or what raises alerts, is changed"
    yield rule("tampering", what, patterns.tampering(watched, deployers))
    yield rule(patterns.WATCHER, what, patterns.rules_changed(watched, deployers))
    if region == place_of(scope).region and any(rotated(scope)):
        yield rule("rotation", f"a secret of {scope.name} could not be rotated", patterns.rotation_failed(watched))
