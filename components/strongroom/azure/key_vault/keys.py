"""What people write about keys in a vault."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.spec.model import Model
from strongroom.spec.names import Duration, duration, refuse

DAY: Final = 86400
ROTATE_LEAST: Final = 7 * DAY
EXPIRES_LEAST: Final = 28 * DAY
"""Azure Key Vault, "Configure cryptographic key auto-rotation": at least 7 days after its creation, and an expiry time
of at least 28 days."""

KeyType = Literal[
    "rsa-2048", "rsa-3072", "rsa-4096", "rsa-hsm-2048", "rsa-hsm-3072", "rsa-hsm-4096",
    "ec-p256", "ec-p384", "ec-p521", "ec-hsm-p256", "ec-hsm-p384", "ec-hsm-p521",
]  # fmt: skip
Operation = Literal["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]
_RSA: Final[tuple[Operation, ...]] = ("encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey")
_EC: Final[tuple[Operation, ...]] = ("sign", "verify")


def _check_days(least: int, what: str) -> AfterValidator:
    def check(seconds: int) -> int:
        if seconds % DAY or seconds < least:
            raise refuse(
                f"{what} of {duration(seconds)} is not possible", f"write whole days, {duration(least)} or more"
            )
        return seconds

    return AfterValidator(check)


class AzureKey(Model):
    """A key that Key Vault makes and keeps. Azure Resource Manager can make one and never change it."""

    type: KeyType = "rsa-3072"
    """Its algorithm and size. It can never be changed: a key of another type is another key."""
    operations: tuple[Operation, ...] = Field(default=(), max_length=6)
    """What it can be used for. Default: all that its type can do."""
    rotate_every: Annotated[Duration, _check_days(ROTATE_LEAST, "a rotation")] | None = None
    """How often Key Vault makes a new version by itself: whole days, `7d` or more. Default: never."""
    expires_after: Annotated[Duration, _check_days(EXPIRES_LEAST, "an expiry time")] | None = None
    """How long each version is valid: whole days, `28d` or more. Default: for ever."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if impossible := [o for o in self.operations if o not in self.possible]:
            raise refuse(f"a key of type {self.type} cannot {impossible[0]}", f"possible: {', '.join(self.possible)}")
        if len(set(self.operations)) != len(self.operations):
            raise refuse("an operation is named twice")
        # The same page: rotation is at least seven days before expiry.
        if self.rotate_every and self.expires_after and self.rotate_every > self.expires_after - ROTATE_LEAST:
            raise refuse(
                f"rotation every {duration(self.rotate_every)} leaves less than 7 days before versions expire",
                "let them live longer, or rotate more often",
            )
        return self

    @property
    def possible(self) -> tuple[Operation, ...]:
        """What its type can do."""
        return _RSA if self.type.startswith("rsa") else _EC

    @property
    def in_hardware(self) -> bool:
        """Whether it never leaves a hardware security module."""
        return "-hsm-" in self.type
