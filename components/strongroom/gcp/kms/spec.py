"""What people write about keys of Cloud KMS."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.gcp.names import CryptoKeyName
from strongroom.spec.model import Model
from strongroom.spec.names import Duration, Name, duration, refuse

DAY: Final = 86400
ProtectionLevel = Literal["software", "hsm"]


def _check_rotation(seconds: int) -> int:
    # Cloud KMS, "CryptoKey": at least 24 hours.
    if seconds < DAY:
        raise refuse(f"a key cannot be rotated every {duration(seconds)}", "write at least 1d")
    return seconds


def _check_destruction(seconds: int) -> int:
    # Cloud KMS, "Destroy and restore key versions": 24 hours to 120 days.
    if not DAY <= seconds <= 120 * DAY:
        raise refuse(f"{duration(seconds)} is not possible", "write 1d to 120d")
    return seconds


class GcpKey(Model):
    """A key of Cloud KMS by which stores encrypt. There is one of this name in each location where a store needs it:
    `global` for automatic replication, else each location of the store."""

    rotate_every: Annotated[Duration, AfterValidator(_check_rotation)] = 90 * DAY
    """How often a new version encrypts what is written from then on; older versions stay, to decrypt."""
    protection_level: ProtectionLevel = "software"
    """`software`, or `hsm`: in hardware. It can never be changed."""
    destroy_scheduled_duration: Annotated[Duration, AfterValidator(_check_destruction)] = 30 * DAY
    """How long a version that is to be destroyed can be restored: `1d` to `120d`. It can never be changed."""
    existing: dict[Name, CryptoKeyName] = Field(default_factory=dict)
    """Keys that are there already, by location, such as those of a project for keys alone. Nothing is made in these
    locations, and whoever owns such a key lets Secret Manager use it: docs/gcp/secret-manager.md."""

    @model_validator(mode="after")
    def _where_they_say(self) -> Self:
        for location, key in self.existing.items():
            if key.split("/")[3] != location:
                raise refuse(f"the key of {location} lies in {key.split('/')[3]}", "name a key of that location")
        return self
