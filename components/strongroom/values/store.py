"""What every store of the values channel can do. One small class a store; the channel knows no other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeVar, runtime_checkable

from strongroom.errors import StrongroomError
from strongroom.plan.stored import StoredSecret
from strongroom.vault.totp.plan import TotpSharedKey

Declared = StoredSecret | TotpSharedKey
"""A declared secret whose values a store keeps."""
D_contra = TypeVar("D_contra", contravariant=True)
Version = int | str
"""What a store calls a state of a secret: a number where it counts them, else a name."""


class ValuesError(StrongroomError):
    """A value could not be written. The text says what to do, and never holds a value."""


class ChangedMeanwhileError(ValuesError):
    """Somebody else wrote since it was looked at. Nothing was written."""


@dataclass(frozen=True)
class Stored:
    """What a store tells of one secret without telling its values."""

    version: Version
    """The newest version; 0 if there never was one. A write names it, so that a concurrent one is noticed."""
    fields: frozenset[str]
    """The fields that have a value in it; empty if it is deleted."""
    created: datetime | None
    """When that version was written, UTC."""


NOTHING: Final = Stored(0, frozenset(), None)
"""What is there where nobody ever wrote anything."""


class ValueStore(Protocol[D_contra]):
    """A store of values. Every method raises a StrongroomError that says what to do and holds no value."""

    def stored(self, secret: D_contra) -> Stored:
        """What is there now."""

    def write(self, secret: D_contra, values: Mapping[str, str], seen: Stored) -> Version:
        """Writes these fields and keeps the others; returns the new version. Fails if `seen` is not the newest."""

    def remove_field(self, secret: D_contra, field: str, seen: Stored) -> Version:
        """A new version without one field."""

    def delete(self, secret: D_contra) -> None:
        """Deletes what is there; it can be restored, where the store can do that at all."""

    def destroy(self, secret: D_contra) -> None:
        """Destroys all versions for good."""


@runtime_checkable
class IssuingStore(Protocol[D_contra]):
    """A store whose system makes the values of some secrets itself (`StoredSecret.issued`)."""

    def issue(self, secret: D_contra, seen: Stored) -> Version:
        """Has all values made; returns the version. Fails if `seen` is not the newest."""


def changed_meanwhile(secret: Declared) -> ChangedMeanwhileError:
    """The error for a secret of which `seen` is no longer the newest version."""
    return ChangedMeanwhileError(
        f"{secret.key} was changed by somebody else in the meantime; nothing was written. "
        "Look at `strongroom values status` and try again"
    )
