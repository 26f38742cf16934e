"""What a platform team writes about AWS: the engine, and what each team may have of it."""

from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.spec.model import Model
from strongroom.spec.names import Duration, MountPath, Name, TeamName, check_characters, duration, refuse
from strongroom.vault.aws.arns import Endpoint, GroupName, PolicyArn, Region, RoleArn, UserName
from strongroom.vault.aws.credentials import ServerCredentials
from strongroom.vault.aws.username_template import UsernameTemplate
from strongroom.vault.profile import Needs

ASSUMED_ROLE_MOST: Final = 12 * 3600
"""Seconds: AWS STS, DurationSeconds of AssumeRole."""


def _check_user_path(text: str) -> str:
    return check_characters(text, "the path of IAM users", r"^/([A-Za-z0-9_.-]+/)*$", "A-Za-z0-9_./-", 128)


def _check_external_id(text: str) -> str:
    # AWS STS, ExternalId of AssumeRole.
    return check_characters(text, "external_id", r"^[A-Za-z0-9_+=,.@:/-]{2,}$", "A-Za-z0-9_+=,.@:/-", 1224)


ExternalId = Annotated[str, AfterValidator(_check_external_id)]


class AwsRole(Model):
    """An IAM role that a team may be given sessions of. Its trust policy names the server."""

    role_arns: tuple[RoleArn, ...] = Field(min_length=1)
    """The role. Of several, such as one an account, whoever reads the secret names one with `role_arn`."""
    external_id: Annotated[ExternalId | None, Needs("aws.session_tags")] = None
    """What the trust policy demands of those who assume the role for somebody else. No secret."""
    max_session_duration: Duration = 3600
    """The longest session that the role allows, as AWS has it: 1h to 12h."""

    @model_validator(mode="after")
    def _as_aws_has_it(self) -> Self:
        if not 3600 <= self.max_session_duration <= ASSUMED_ROLE_MOST:
            raise refuse(
                f"max_session_duration {duration(self.max_session_duration)} is none that a role can have",
                "write what the role says in AWS, 1h to 12h",
            )
        return self


class AwsTeam(Model):
    """What the credentials of one team may be made of."""

    roles: dict[Name, AwsRole] = Field(default_factory=dict)
    """The roles it may assume, by the name that catalogs use."""
    permissions_boundary_arn: PolicyArn | None = None
    """The most that IAM users made for it may do, whatever their own policies say. Without one it gets no users."""
    policies: dict[Name, PolicyArn] = Field(default_factory=dict)
    """The managed policies it may use, by the name that catalogs use."""
    iam_groups: tuple[GroupName, ...] = ()
    """The IAM groups that its users may be in."""
    iam_users: dict[Name, UserName] = Field(default_factory=dict)
    """The IAM users that exist and are its own, by the name that catalogs use: for `static_role`."""


class AwsEngine(Model):
    """The AWS secrets engine of an environment. Vault has it, OpenBao has not."""

    mount: MountPath | None = None
    """Where it is mounted. Default: `aws-<environment>`."""
    credentials: ServerCredentials
    """How the server is known to AWS."""
    region: Region
    """Where it calls AWS."""
    iam_endpoint: Endpoint | None = None
    """IAM's URL. Default: AWS's own."""
    sts_endpoint: Endpoint | None = None
    """STS's URL. Default: AWS's own in `region`."""
    sts_region: Region | None = None
    """The region of `sts_endpoint`. Default: `region`."""
    username_template: UsernameTemplate | None = None
    """How IAM users and sessions are called, such as `{{.PolicyName | truncate 30}}-{{random 20}}`. Default: Vault's
    own, with the names of token and role."""
    user_path: Annotated[str, AfterValidator(_check_user_path)] | None = None
    """The path of IAM users, by which the server's own rights are limited to them. Default: `/vault/<environment>/`."""
    default_lease_ttl: Duration = 3600
    """Lifetime of an IAM user, unless renewed. Sessions have lifetimes of their own."""
    max_lease_ttl: Duration = 86400
    """Lifetime at most, renewals included."""
    teams: dict[TeamName, AwsTeam] = Field(default_factory=dict)
    """What each team may have."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.default_lease_ttl > self.max_lease_ttl:
            raise refuse(
                f"default_lease_ttl {duration(self.default_lease_ttl)} is longer than max_lease_ttl "
                f"{duration(self.max_lease_ttl)}",
                "lower default_lease_ttl or raise max_lease_ttl",
            )
        if self.sts_region and not self.sts_endpoint:
            raise refuse("sts_region has no meaning without sts_endpoint", "set `region`, or both")
        return self
