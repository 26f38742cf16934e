"""How the server itself is known to AWS: with a first key that becomes worthless, or with none at all."""

from typing import Annotated, ClassVar

from strongroom.spec.claims import ClaimText
from strongroom.spec.model import Model, OneOf
from strongroom.spec.names import Duration
from strongroom.spec.value_source import ValueSource
from strongroom.vault.aws.arns import RoleArn
from strongroom.vault.profile import Needs


class FirstKey(Model):
    """An access key of an IAM user of the server's own. Right after the first `up` the server makes another and has AWS
    delete this one: nobody knows the next."""

    access_key: ValueSource
    """Its id. No secret, but by reference like the other half, so that a new pair is given in one place."""
    secret_key: ValueSource
    """The secret half."""


class PluginIdentity(Model):
    """The server signs a token about itself, and AWS gives it a role for that (web identity). There is no key."""

    role_arn: RoleArn
    """The role, whose trust policy names the server as an OIDC provider."""
    identity_token_audience: ClaimText
    """The `aud` of the token, as that trust policy demands it."""
    identity_token_ttl: Duration = 3600
    """Lifetime of a token."""


class InstanceRole(Model):
    """What the server finds around itself: the role of its EC2 instance, its ECS task or its EKS service account."""


class ServerCredentials(OneOf):
    """How the server is known to AWS; exactly one kind."""

    what: ClassVar[str] = "way for the server to be known to AWS"

    first_key: FirstKey | None = None
    """A key that is rotated away."""
    plugin_identity: Annotated[PluginIdentity | None, Needs("aws.plugin_identity")] = None
    """A token that the server signs; Vault Enterprise has this."""
    instance_role: InstanceRole | None = None
    """The role of the machine it runs on: `instance_role: {}`."""

    @property
    def first_key_from(self) -> tuple[tuple[str, str], tuple[str, str]] | None:
        """Where the halves of the first key come from."""
        if key := self.first_key:
            return (key.access_key.kind, key.access_key.value), (key.secret_key.kind, key.secret_key.value)
        return None
