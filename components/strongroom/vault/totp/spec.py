"""What people write about one-time codes: the engine (platform team) and its keys (product team)."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from strongroom.spec.model import Model, StrictInt
from strongroom.spec.names import Duration, MountPath, duration, refuse

Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9@._ -]{0,63}$")]
"""Text of a key's label. No colon, which ends the issuer in it: Key URI Format, "Label"."""


class TotpEngine(Model):
    """The TOTP engine of an environment: one-time codes (RFC 6238) whose keys never leave the server."""

    mount: MountPath | None = None
    """Where it is mounted. Default: `totp-<environment>`."""


class OneTimeCodes(Model):
    """A key for one-time codes: the server makes codes, and checks them.

    Of a key that the server makes, whatever is changed here makes another key, and codes of the first one are no longer
    valid.
    """

    origin: Literal["generated", "shared"] = "generated"
    """`generated`: the server makes it and shows it to nobody. `shared`: another service gave it, which is shown the
    codes; it arrives by `strongroom values put TEAM/SECRET/key`, and the fields below say what that service does."""
    issuer: Label
    """Who checks the codes."""
    account: Label
    """Whom the codes are for."""
    period: Duration = 30
    """How long a code is valid: 15s to 5m. RFC 6238, section 5.2 recommends 30s."""
    algorithm: Literal["SHA1", "SHA256", "SHA512"] | None = None
    """The hash function. Default: SHA256 of a generated key, and of a shared one SHA1, as most services have it."""
    digits: StrictInt = 6
    """The length of a code, 6 or 8."""
    skew: StrictInt = 1
    """How many periods before and after the current one a code is still good, 0 or 1, for clocks that differ. Of a
    `shared` key always 1."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if not 15 <= self.period <= 300:
            raise refuse(f"period {duration(self.period)} is not between 15s and 5m", "30s is usual")
        if self.digits not in (6, 8):
            raise refuse(f"the server makes no codes of {self.digits} digits", "write 6 or 8")
        if self.skew not in (0, 1):
            raise refuse(f"skew {self.skew} is not 0 or 1", "the server knows no other")
        if self.origin == "shared" and self.skew != 1:
            raise refuse("the skew of a shared key is always 1", "leave skew out")
        return self

    @property
    def hash(self) -> str:
        """The hash function that holds."""
        return self.algorithm or ("SHA1" if self.origin == "shared" else "SHA256")
