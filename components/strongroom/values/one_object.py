"""Secrets that are one JSON object in their store, which can neither tell its fields nor change one alone.

Looking and writing read the newest version into this process, and nowhere else: a write is what was there, with what
is new.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from strongroom.plan.stored import StoredSecret
from strongroom.values.store import Stored, Version, changed_meanwhile

S = TypeVar("S", bound=StoredSecret)


class OneObjectValues(ABC, Generic[S]):
    """What such a store does with fields. Each says how its newest version is read, and a further one is written."""

    def stored(self, secret: S) -> Stored:
        return self._newest(secret)[0]

    def write(self, secret: S, values: Mapping[str, str], seen: Stored) -> Version:
        return self._new_version(secret, {**self._kept(secret, seen), **values}, seen)

    def remove_field(self, secret: S, field: str, seen: Stored) -> Version:
        kept = self._kept(secret, seen)
        return self._new_version(secret, {name: value for name, value in kept.items() if name != field}, seen)

    def read(self, secret: S) -> tuple[Stored, dict[str, Any]]:
        """What is there, with the values. For keys that a program needs; the channel itself never asks."""
        return self._newest(secret)

    def replace(self, secret: S, values: Mapping[str, str], seen: Stored) -> Version:
        """Writes exactly these fields. Fails if `seen` is not the newest."""
        self._kept(secret, seen)
        return self._new_version(secret, values, seen)

    def _kept(self, secret: S, seen: Stored) -> dict[str, Any]:
        """The fields before a write. Raises ValuesError if they are no longer those that were seen."""
        now, fields = self._newest(secret)
        if now.version != seen.version:
            raise changed_meanwhile(secret)
        return fields

    @abstractmethod
    def _newest(self, secret: S) -> tuple[Stored, dict[str, Any]]:
        """What is there, and the fields themselves."""

    @abstractmethod
    def _new_version(self, secret: S, fields: Mapping[str, Any], seen: Stored) -> Version:
        """Writes a version of these fields only, and returns it."""


def as_text(fields: Mapping[str, Any]) -> str:
    """The object as it is kept."""
    return json.dumps(fields, ensure_ascii=False)


def fields_of(text: str | bytes | None) -> dict[str, Any] | None:
    """The fields of an object; None if it is none."""
    try:
        data = json.loads(text or "")
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def texts_in(fields: Mapping[str, Any]) -> list[str]:
    """The values that no error may repeat."""
    return [value for value in fields.values() if isinstance(value, str)]
