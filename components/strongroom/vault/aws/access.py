"""What a product team writes about AWS: the credentials that a secret gives."""

from typing import Annotated, ClassVar, Final, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.spec.model import Model, OneOf
from strongroom.spec.names import Duration, Name, check_characters, duration, refuse
from strongroom.vault.aws.arns import GroupName
from strongroom.vault.aws.policy_document import PolicyDocument
from strongroom.vault.aws.spec import ASSUMED_ROLE_MOST
from strongroom.vault.profile import Needs

STS_LEAST: Final = 900
FEDERATION_MOST: Final = 36 * 3600
"""Seconds: AWS STS, DurationSeconds of AssumeRole and GetFederationToken."""
ROTATION_LEAST: Final = 3600
"""Seconds. The server's own minimum is a minute."""


def _check_tag(text: str) -> str:
    # AWS STS, "Passing session tags"; `aws:` is AWS's own.
    if text.lower().startswith("aws:"):
        raise refuse("tags that begin with 'aws:' are AWS's own", "choose another name")
    return check_characters(text, "the tag", r"^[\w .:/=+@-]+$", r"\w .:/=+@-", 128)


Tag = Annotated[str, AfterValidator(_check_tag)]


class Session(Model):
    """Credentials of AWS STS. They end by themselves, and nothing takes them back before: keep them short."""

    default_sts_ttl: Duration = STS_LEAST
    """Lifetime unless the request names one; at least 15m."""
    max_sts_ttl: Duration = 3600
    """Lifetime at most."""

    most: ClassVar[int]
    """Seconds that AWS allows."""

    @model_validator(mode="after")
    def _lifetimes(self) -> Self:
        if self.default_sts_ttl < STS_LEAST:
            raise refuse(
                f"default_sts_ttl {duration(self.default_sts_ttl)} is less than AWS makes", "write 15m or more"
            )
        if self.default_sts_ttl > self.max_sts_ttl:
            raise refuse(
                f"default_sts_ttl {duration(self.default_sts_ttl)} is longer than max_sts_ttl "
                f"{duration(self.max_sts_ttl)}",
                "lower default_sts_ttl or raise max_sts_ttl",
            )
        if self.max_sts_ttl > self.most:
            raise refuse(
                f"max_sts_ttl {duration(self.max_sts_ttl)} is more than AWS makes",
                f"write {duration(self.most)} or less",
            )
        return self


class AssumedRole(Session):
    """A session of an IAM role. To be preferred: what it may do is decided where the role is, and nothing is made."""

    most: ClassVar[int] = ASSUMED_ROLE_MOST

    role: Name
    """The role, as the environment file names it for this team."""
    policy_document: PolicyDocument | None = None
    """Leaves of the role's rights only those that are in here too."""
    policies: tuple[Name, ...] = ()
    """The same, with managed policies that the environment file names for this team."""
    session_tags: Annotated[dict[Tag, Tag], Needs("aws.session_tags")] = Field(default_factory=dict, max_length=50)
    """Tags of the session, for conditions of policies."""


class FederationToken(Session):
    """A session of the server's own IAM user, of whose rights it has only those that are in here too."""

    most: ClassVar[int] = FEDERATION_MOST

    policy_document: PolicyDocument | None = None
    """What may be done."""
    policies: tuple[Name, ...] = ()
    """The same, with managed policies that the environment file names for this team."""

    @model_validator(mode="after")
    def _limited(self) -> Self:
        if not self.policy_document and not self.policies:
            raise refuse(
                "neither policy_document nor policies limits it", "without one it would have all rights of the server"
            )
        return self


class IamUser(Model):
    """An IAM user of its own with an access key, for what takes no session; removed when the lease ends. Always within
    the permissions boundary of the team."""

    policy_document: PolicyDocument | None = None
    """What it may do."""
    policies: tuple[Name, ...] = ()
    """The same, with managed policies that the environment file names for this team."""
    iam_groups: tuple[GroupName, ...] = ()
    """The IAM groups it is in, of those that the environment file gives the team."""
    iam_tags: dict[Tag, Tag] = Field(default_factory=dict, max_length=50)
    """Tags of the user."""

    @model_validator(mode="after")
    def _may_something(self) -> Self:
        if not self.policy_document and not self.policies and not self.iam_groups:
            raise refuse("it may do nothing", "give policy_document, policies or iam_groups")
        return self


class StaticRole(Model):
    """An IAM user that exists, whose access key the server changes. For what cannot do with users that come and go. The
    key before the current one stays good until the next change."""

    iam_user: Name
    """The user, as the environment file names it for this team. Its oldest key goes when the server needs the room."""
    rotation_period: Duration = 30 * 86400
    """How often the key changes; at least 1h."""

    @model_validator(mode="after")
    def _not_all_the_time(self) -> Self:
        if self.rotation_period < ROTATION_LEAST:
            raise refuse(
                f"rotation_period {duration(self.rotation_period)} leaves no time to read the new key",
                f"write {duration(ROTATION_LEAST)} or more",
            )
        return self


class AwsAccess(OneOf):
    """AWS credentials that are made on demand, or changed in time; exactly one kind.

    Vault's `session_token` is not among them: it hands out all the rights that the server itself has.
    """

    what: ClassVar[str] = "kind of AWS credentials"

    assumed_role: AssumedRole | None = None
    """A session of an IAM role."""
    federation_token: FederationToken | None = None
    """A session with a part of the server's rights."""
    iam_user: IamUser | None = None
    """An IAM user."""
    static_role: Annotated[StaticRole | None, Needs("aws.static_role")] = None
    """The key of an IAM user that stays."""
