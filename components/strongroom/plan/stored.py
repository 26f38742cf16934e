"""Stored values: what every store says of a declared secret, whichever system it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from strongroom.plan.record import Record
from strongroom.plan.scope import Key, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSecret(Record):
    """A declared secret. Its values go straight to the store, by `strongroom values`, and are in no record."""

    team: str
    name: str
    store: str
    """The name catalogs use for the store."""
    path: str
    """Where it is in the store: its full name there."""
    fields: tuple[str, ...]
    patterns: tuple[tuple[str, str], ...] = ()
    """Fields and the regular expressions that match their values whole."""
    rotate_every_seconds: int | None
    description: str

    @property
    def issued(self) -> bool:
        """Whether the values are made where they are kept, and nobody can bring them."""
        return False

    def pattern(self, field: str) -> str | None:
        """What matches the field's values whole; None: any."""
        return dict(self.patterns).get(field)

    @property
    def key(self) -> str:
        return f"{self.team}/{self.name}"


def stored_in(scope: Scope, kind: str) -> Iterator[tuple[Key, Any, dict[str, Any]]]:
    """The secrets that are kept in stores of one kind, in order of their keys.

    With what the environment file says of the store, and the fields of StoredSecret but `path`, which each kind makes
    by its own rules.
    """
    for key in scope.stored[kind]:
        team, name = key
        secret = scope.secrets[key]
        store_name, store = scope.store_of(secret)
        yield (
            key,
            store.value,
            {
                "slice": team,
                "team": team,
                "name": name,
                "store": store_name,
                "fields": secret.fields,
                "patterns": tuple(sorted(secret.patterns.items())),
                "rotate_every_seconds": secret.rotate_every,
                "description": secret.description,
            },
        )
