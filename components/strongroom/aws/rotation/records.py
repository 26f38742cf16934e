"""Rotation in AWS as records: functions, and which secret is rotated by which, when."""

from dataclasses import dataclass
from typing import ClassVar

from strongroom.aws.place import AwsPlace
from strongroom.aws.rotation.strategy import Strategy
from strongroom.plan.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsFunctionVpc:
    """Where a function is."""

    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsRotator(Record):
    """Strongroom's own rotation function, with its role."""

    kind: ClassVar[str] = "aws.rotation.function"
    place: AwsPlace
    name: str
    """The rotator's."""
    function_name: str
    strategy: Strategy
    role_name: str
    role_path: str
    trust_policy: str
    inline_policy: str | None
    managed_policies: tuple[str, ...]
    permissions_boundary_arn: str | None
    master_secret_arn: str | None
    password_length: int
    exclude_characters: str
    ca_file: str | None
    callback: str | None
    vpc: AwsFunctionVpc | None
    runtime: str
    architecture: str
    memory_mb: int
    timeout_seconds: int
    log_retention_days: int
    log_kms_key_arn: str | None

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsPublishedRotator(Record):
    """A rotation function that AWS publishes."""

    kind: ClassVar[str] = "aws.rotation.application"
    place: AwsPlace
    name: str
    function_name: str
    application_id: str
    semantic_version: str
    master_secret_arn: str | None
    kms_key_arn: str | None
    exclude_characters: str
    vpc: AwsFunctionVpc | None

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsSecretRotation(Record):
    """That one secret is rotated. Its versions are nobody's records: whoever tracked one would write it back."""

    kind: ClassVar[str] = "aws.rotation.secret"
    place: AwsPlace
    team: str
    secret: str
    secret_name: str
    """Its name in Secrets Manager."""
    rotator: str
    function_arn: str | None
    """None: AWS rotates it by itself."""
    automatically_after_days: int | None
    schedule_expression: str | None
    """Of this and the days exactly one."""
    window_hours: int | None
    rotate_immediately: bool

    @property
    def key(self) -> str:
        return f"{self.team}/{self.secret}"
