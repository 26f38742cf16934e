"""Keys of Cloud KMS by which stores encrypt: one of each name in each location where a store needs it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.gcp.place import GcpPlace, place_of
from strongroom.gcp.secret_manager.spec import GcpSecretManager
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpCryptoKey(Record):
    """A key, and that Secret Manager may use it."""

    kind: ClassVar[str] = "gcp.kms.key"
    place: GcpPlace
    location: str
    key_ring: str
    name: str
    rotation_period_seconds: int
    protection_level: str
    destroy_scheduled_seconds: int
    protect: bool

    @property
    def key(self) -> str:
        return f"{self.location}/{self.name}"

    @property
    def full_name(self) -> str:
        return f"{ring(self.place, self.location, self.key_ring)}/cryptoKeys/{self.name}"


def ring(place: GcpPlace, location: str, name: str) -> str:
    """The full name of a key ring."""
    return f"projects/{place.project}/locations/{location}/keyRings/{name}"


def ring_of(environment: str) -> str:
    """The name of an environment's key rings. A key ring cannot be deleted, ever, so it is named for good."""
    return f"strongroom-{environment}"


def key_in(scope: Scope, name: str, location: str) -> str:
    """The full name of the key of that name in a location."""
    gcp = scope.environment.gcp
    assert gcp is not None
    existing = gcp.keys[name].existing.get(location)
    return existing or f"{ring(place_of(scope), location, ring_of(scope.name))}/cryptoKeys/{name}"


def wanted(scope: Scope) -> list[tuple[str, str]]:
    """`(key, location)` of all that stores name, in order."""
    stores = [store.gcp_secret_manager for store in scope.environment.stores.values() if store.gcp_secret_manager]
    return sorted({(store.key, location) for store in stores if store.key for location in _locations(store)})


def _locations(store: GcpSecretManager) -> tuple[str, ...]:
    return store.locations or ("global",)


def plan(scope: Scope) -> Iterator[Record]:
    gcp = scope.environment.gcp
    for name, location in wanted(scope):
        assert gcp is not None
        key = gcp.keys[name]
        if location not in key.existing:
            yield GcpCryptoKey(
                slice=PLATFORM,
                place=place_of(scope),
                location=location,
                key_ring=ring_of(scope.name),
                name=name,
                rotation_period_seconds=key.rotate_every,
                protection_level=key.protection_level.upper(),
                destroy_scheduled_seconds=key.destroy_scheduled_duration,
                protect=scope.environment.protect,
            )
