"""What people write about a store in AWS Systems Manager Parameter Store."""

from collections.abc import Mapping
from typing import Final, Literal, Self

from pydantic import model_validator

from strongroom.aws.names import NamePrefix
from strongroom.spec.model import Model
from strongroom.spec.names import Duration, Name, duration, refuse

Tier = Literal["standard", "advanced", "intelligent-tiering"]
"""`standard`: values to 4 KB. `advanced`: to 8 KB, with policies, at a price. `intelligent-tiering`: as needed."""
TIERS: Final[Mapping[str, str]] = {
    "standard": "Standard",
    "advanced": "Advanced",
    "intelligent-tiering": "Intelligent-Tiering",
}
"""Tier -> what AWS calls it."""
LONGEST: Final[Mapping[str, int]] = {"standard": 4_096, "advanced": 8_192, "intelligent-tiering": 8_192}
"""Bytes of a value by tier: AWS Systems Manager, "Managing parameter tiers"."""


def whole(pattern: str) -> str:
    """A pattern as AWS is told it: AWS looks for it anywhere in a value, and it is meant of all of the value."""
    return f"^(?:{pattern})$"


class AwsParameterStore(Model):
    """A store of single values in a hierarchy: each field of a secret is a SecureString of its own."""

    prefix: NamePrefix | None = None
    """What the hierarchy begins with, such as `acme/prod/`; the slash in front is put there. Default:
    `<environment>/`. Every name has to have the environment as one of its parts, here or in the secret's `path`."""
    kms_key: Name | None = None
    """The key of `aws.keys` that encrypts them. Default: AWS's own `aws/ssm`, which no other account can be granted."""
    tier: Tier = "standard"
    """What a value may be, and costs."""
    expire_after: Duration | None = None
    """After which time AWS deletes a value that was not written again. Needs `tier: advanced`. Default: never."""
    notify_before_expiry: Duration | None = None
    """How long before that EventBridge is told. Default: not."""
    notify_overdue: bool = False
    """Whether EventBridge is told of a value that is older than the secret's `rotate_every`. Needs `tier: advanced`."""

    @model_validator(mode="after")
    def _policies(self) -> Self:
        # AWS Systems Manager, "Assigning parameter policies": of advanced parameters only.
        if (self.expire_after or self.notify_overdue) and self.tier == "standard":
            raise refuse("parameters of the standard tier have no policies", "write `tier: advanced`")
        if self.notify_before_expiry and not self.expire_after:
            raise refuse("there is nothing to notify before", "set expire_after too")
        if self.notify_before_expiry and self.expire_after and self.notify_before_expiry >= self.expire_after:
            raise refuse(
                f"notify_before_expiry {duration(self.notify_before_expiry)} is not shorter than expire_after",
                "shorten it",
            )
        return self
