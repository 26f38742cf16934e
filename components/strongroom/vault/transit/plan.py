"""The transit engine: its mount, a key for each secret that is one, and what each verb on a key needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope

WHAT: Final = "encryption keys"
LEASED: Final = False
VERBS: Final[Mapping[str, tuple[str, ...]]] = {
    "encrypt": ("encrypt",),
    "decrypt": ("decrypt",),
    "rewrap": ("rewrap",),
    "datakey": ("datakey/plaintext", "datakey/wrapped"),
    "sign": ("sign",),
    "verify": ("verify",),
    "hmac": ("hmac",),
}
"""Verb -> the parts of the API it needs: Vault, "Transit secrets engine (API)". Which key has which: `spec.TYPES`."""

# Never `create`: with it, encrypting with a key that does not exist makes that key.
_CAPABILITIES: Final = ("update",)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitMount(Record):
    """A transit secrets engine."""

    kind: ClassVar[str] = "vault.transit.mount"
    mount: str
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitKey(Record):
    """A key, which the server makes and keeps."""

    kind: ClassVar[str] = "vault.transit.key"
    mount: str
    name: str
    type: str
    rotate_every_seconds: int
    """0: never."""
    min_decryption_version: int
    derived: bool
    convergent_encryption: bool
    protect: bool

    @property
    def key(self) -> str:
        return self.name


def rules(scope: Scope, secret: Key, verb: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The paths and capabilities that one verb on one key needs."""
    for part in VERBS[verb]:
        yield f"{scope.engine_mount('transit')}/{part}/{naming.role_of(*secret)}", _CAPABILITIES


def plan(scope: Scope) -> Iterator[Record]:
    if scope.environment.vault is None or scope.environment.vault.engines.transit is None:
        return
    mount, protect = scope.engine_mount("transit"), scope.environment.protect
    yield TransitMount(slice=PLATFORM, mount=mount, protect=protect)
    for (team, name), secret in scope.secrets.items():
        if key := secret.encryption_key:
            yield TransitKey(
                slice=team,
                mount=mount,
                name=naming.role_of(team, name),
                type=key.type,
                rotate_every_seconds=key.rotate_every,
                min_decryption_version=key.min_decryption_versions.get(scope.name, 1),
                derived=key.derived,
                convergent_encryption=key.convergent_encryption,
                protect=protect,
            )
