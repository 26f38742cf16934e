"""What people write about a store in AWS Secrets Manager."""

from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from strongroom.aws.names import NamePrefix, Region
from strongroom.spec.model import Model
from strongroom.spec.names import Duration, Name, duration, refuse

DAY = 86400


def _check_recovery_window(window: int) -> int:
    # AWS Secrets Manager, "DeleteSecret": 7 to 30 days.
    if window % DAY or not 7 * DAY <= window <= 30 * DAY:
        raise refuse(f"a recovery window of {duration(window)} is not possible", "write 7d to 30d, in whole days")
    return window


class AwsSecretsManager(Model):
    """A store of named values with versions. Each secret is one JSON object of its fields."""

    prefix: NamePrefix | None = None
    """What the names of its secrets begin with, such as `acme/prod/`. Default: `<environment>/`. Every name has to
    have the environment as one of its parts, here or in the secret's `path`."""
    kms_key: Name | None = None
    """The key of `aws.keys` that encrypts them. Default: AWS's own `aws/secretsmanager`, which no other account can be
    granted."""
    replicas: tuple[Region, ...] = ()
    """Further regions that hold a copy of each secret."""
    recovery_window: Annotated[Duration, AfterValidator(_check_recovery_window)] = 30 * DAY
    """How long a deleted secret can be restored: `7d` to `30d`."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.replicas)) != len(self.replicas):
            raise refuse("a region of replicas is named twice")
        return self
