"""What people write about encryption as a service: the engine (platform team) and its keys (product team)."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from strongroom.spec.model import Model, StrictBool, StrictInt
from strongroom.spec.names import DURATION_PATTERN, MountPath, Name, duration, refuse, seconds
from strongroom.vault.profile import Needs

KeyType = Literal[
    "aes256-gcm96",
    "chacha20-poly1305",
    "ed25519",
    "ecdsa-p256",
    "ecdsa-p384",
    "ecdsa-p521",
    "rsa-2048",
    "rsa-3072",
    "rsa-4096",
    "hmac",
]
"""Key types that both OpenBao and Vault have: "Transit secrets engine", key types. Of two lengths of AES the longer."""

ENCRYPTING: Final = ("encrypt", "decrypt", "rewrap", "datakey")
SIGNING: Final = ("sign",)
ALWAYS: Final = ("verify", "hmac")
"""Every key also makes HMACs, and `verify` checks them just as it checks signatures."""

SHORTEST_ROTATION: Final = 3600
"""Seconds: "auto rotate period must be 0 to disable or at least an hour"."""
NEVER: Final = "never"


def verbs_of(key_type: str) -> tuple[str, ...]:
    """What a key of this type can do."""
    if key_type in ("aes256-gcm96", "chacha20-poly1305"):
        return ENCRYPTING + ALWAYS
    if key_type.startswith("rsa-"):
        return ENCRYPTING + SIGNING + ALWAYS
    return ALWAYS if key_type == "hmac" else SIGNING + ALWAYS


TYPES: Final[Mapping[str, tuple[str, ...]]] = {name: verbs_of(name) for name in get_args(KeyType)}
"""Key type -> the verbs that it has."""
DERIVING: Final = frozenset({"aes256-gcm96", "chacha20-poly1305", "ed25519"})
"""Key types from which a key for each context can be derived."""


def _rotation(text: object) -> int:
    """Seconds, or 0 for `never`, as the server understands it."""
    if text == NEVER:
        return 0
    if (found := seconds(text)) < SHORTEST_ROTATION:
        raise refuse(
            f"the server rotates every {duration(SHORTEST_ROTATION)} at most, and {duration(found)} is shorter",
            f"write a longer duration, or {NEVER}",
        )
    return found


Rotation = Annotated[
    int,
    BeforeValidator(_rotation),
    WithJsonSchema({"type": "string", "pattern": f"{DURATION_PATTERN}|^{NEVER}$"}),
]
"""Seconds, written as a duration of at least `1h`, or `never`, which is 0."""


class TransitEngine(Model):
    """The transit engine of an environment: keys that never leave the server, which encrypts and signs with them."""

    mount: MountPath | None = None
    """Where it is mounted. Default: `transit-<environment>`."""


class EncryptionKey(Model):
    """A key that workloads use and nobody sees: it is never exportable, and has no plaintext backup."""

    type: KeyType = "aes256-gcm96"
    """The algorithm. It can never be changed: a key of another type is another key."""
    rotate_every: Annotated[Rotation, Needs("transit.auto_rotation")] = 90 * 86400
    """How often the server makes a new version by itself, at least `1h`, or `never`. Older versions still decrypt."""
    min_decryption_versions: dict[Name, Annotated[StrictInt, Field(ge=1)]] = Field(default_factory=dict)
    """Environment -> the oldest version that still decrypts and verifies there. Absent: 1, all of them.

    By environment, because each has its own key, which counts its own versions.
    """
    derived: StrictBool = False
    """Whether each request must bring a `context`, from which a key of its own is derived. It can never be changed."""
    convergent_encryption: StrictBool = False
    """Whether equal plaintexts with equal contexts give equal ciphertexts, so that one can search for them. Needs
    `derived`. Whoever sees ciphertexts can then tell which are equal. It can never be changed."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.derived and self.type not in DERIVING:
            raise refuse(
                f"keys of type {self.type} cannot be derived", f"types that can be: {', '.join(sorted(DERIVING))}"
            )
        if self.convergent_encryption and not self.derived:
            raise refuse("convergent_encryption needs a derived key", "set `derived: true`, or leave it out")
        if self.convergent_encryption and "encrypt" not in TYPES[self.type]:
            raise refuse(f"keys of type {self.type} do not encrypt", "leave convergent_encryption out")
        return self

    @property
    def verbs(self) -> tuple[str, ...]:
        """What this key can do."""
        return TYPES[self.type]
