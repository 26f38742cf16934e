"""What people write about keys of AWS KMS."""

from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.aws.names import Region
from strongroom.spec.model import Model
from strongroom.spec.names import Duration, duration, refuse
from strongroom.vault.aws.arns import PrincipalArn

DAY: Final = 86400


def _check_rotation_period(period: int) -> int:
    # AWS KMS, "EnableKeyRotation": RotationPeriodInDays.
    if period % DAY or not 90 * DAY <= period <= 2560 * DAY:
        raise refuse(f"a rotation period of {duration(period)} is not possible", "write 90d to 2560d, in whole days")
    return period


def _check_deletion_window(window: int) -> int:
    # AWS KMS, "ScheduleKeyDeletion": PendingWindowInDays.
    if window % DAY or not 7 * DAY <= window <= 30 * DAY:
        raise refuse(f"a deletion window of {duration(window)} is not possible", "write 7d to 30d, in whole days")
    return window


class AwsKey(Model):
    """A symmetric key that encrypts what the stores keep. Whoever reads a secret needs its key too."""

    description: Annotated[str, Field(max_length=200, pattern=r"^[^\r\n]*$")] = ""
    """For people. Default: what it is for."""
    rotation_period: Annotated[Duration, AfterValidator(_check_rotation_period)] = 365 * DAY
    """How often KMS makes new key material: `90d` to `2560d`. What the old one encrypted stays readable."""
    deletion_window: Annotated[Duration, AfterValidator(_check_deletion_window)] = 30 * DAY
    """How long a deletion can be cancelled: `7d` to `30d`. After that nothing it encrypted can ever be read."""
    replicas: tuple[Region, ...] = ()
    """Further regions that have the same key: those in which copies of its secrets are kept. A change between none and
    some makes another key."""
    administrators: tuple[PrincipalArn, ...] = ()
    """Who manages the key, and changes its policy; whoever deploys must be among them. They do not use it. Empty: whom
    the account's own policies leave that to."""
    users: tuple[PrincipalArn, ...] = ()
    """Who else may use it through the stores, beside workloads, operators and people for emergencies: whoever deploys,
    as AWS has them try the key when they make a secret. Empty: everybody whose own policies say so."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for field in ("replicas", "administrators", "users"):
            if len(set(getattr(self, field))) != len(getattr(self, field)):
                raise refuse(f"one of {field} is named twice")
        return self
