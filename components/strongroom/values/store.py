"""What every store of the values channel can do. One small class a store; the channel knows no other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from strongroom.errors import StrongroomError
from strongroom.vault.kv.plan import KvSecret
from strongroom.vault.totp.plan import TotpSharedKey

Declared = KvSecret | TotpSharedKey
"""A declared secret whose values a store keeps. Further stores add their records here."""


class ValuesError(StrongroomError):
    """A value could not be written. The text says what to do, and never holds a value."""


@dataclass(frozen=True)
class Stored:
    """What a store tells of one secret without telling its values."""

    version: int
    """The newest version; 0 if there never was one. A write names it, so that a concurrent one is noticed."""
    fields: frozenset[str]
    """The fields that have a value in it; empty if it is deleted."""
    created: datetime | None
    """When that version was written, UTC."""


class ValueStore(Protocol):
    """A store of values. Every method raises a StrongroomError that says what to do and holds no value."""

    def stored(self, secret: Declared) -> Stored:
        """What is there now."""

    def write(self, secret: Declared, values: Mapping[str, str], seen: Stored) -> int:
        """Writes these fields and keeps the others; returns the new version. Fails if `seen` is not the newest."""

    def remove_field(self, secret: Declared, field: str, seen: Stored) -> int:
        """A new version without one field."""

    def delete(self, secret: Declared) -> None:
        """Deletes the newest version; it can be undeleted."""

    def destroy(self, secret: Declared) -> None:
        """Destroys all versions for good."""
