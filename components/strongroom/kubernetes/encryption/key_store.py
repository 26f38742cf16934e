"""Where the ring of a cluster and its keys are kept between two writings of the file: one secret in a store.

It is one secret, so that ring and keys change together. Its fields are `ring`, the text of the ring, `resources`, what
is read and written by it, and each key by `<provider>.<name>`, in base64. Keys that the ring no longer names stay: a
backup of etcd from before still needs them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from strongroom.errors import StrongroomError
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.ring import KEYED, Entry, Ring, ring_of
from strongroom.values.store import Version

RING: Final = "ring"
"""The field that says the ring."""
RESOURCES: Final = "resources"
"""The field that says what is read and written by it."""


class KeyStoreError(StrongroomError):
    """What a store keeps is no ring with its keys. The text holds no key."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a store keeps for one cluster."""

    ring: Ring
    """What every API server's file has to say."""
    keys: Mapping[Entry, Key]
    """The keys of the ring, and those that it named before."""
    covers: str = ""
    """What is read and written by the ring, as the record of the cluster said it when the ring was written; empty: not
    known. What is added to it lies in etcd as it is, and a ring without plain text does not read it."""
    version: Version = field(default=0, compare=False)
    """Of the secret, as it was read; 0: not written yet."""
    since: datetime | None = field(default=None, compare=False)
    """When that was written, UTC. Keys of a ring that is alone since then are older."""

    def lacks(self, keys: Mapping[Entry, Key]) -> str:
        """The names of those of some keys that are not kept, or are others by that name; empty if all are."""
        return ", ".join(sorted(str(entry) for entry, key in keys.items() if self.keys.get(entry) != key))


class KeyStore(Protocol):
    """The keys of one cluster. Every method raises a StrongroomError that says what to do and holds no key."""

    def read(self) -> Kept | None:
        """What is kept now; None if nothing ever was. What was deleted is an error, never None: new keys would not
        read what the old ones wrote."""

    def write(self, kept: Kept, seen: Kept | None) -> Kept:
        """Keeps exactly this, if `seen` is still what is kept; returns it with its new version. Raises
        ChangedMeanwhileError if somebody else wrote in between; nothing was written then."""


def fields_of(kept: Kept) -> dict[str, str]:
    """The fields of the secret. Raises KeyStoreError if the ring names a key that is not there."""
    if missing := [str(entry) for entry in kept.ring.entries if entry.kind in KEYED and entry not in kept.keys]:
        raise KeyStoreError(f"the ring names {', '.join(missing)}, of which there is no key")
    keys = sorted(kept.keys, key=str)
    covers = {RESOURCES: kept.covers} if kept.covers else {}
    return {RING: str(kept.ring), **covers, **{field_of(entry): kept.keys[entry].base64() for entry in keys}}


def field_of(entry: Entry) -> str:
    """The field of a key."""
    return f"{entry.kind}.{entry.name}"


def kept_of(fields: Mapping[str, Any], version: Version, where: str) -> Kept:
    """What the fields of a secret say. Raises KeyStoreError, which names `where` it is, if they say no ring."""
    keys: dict[Entry, Key] = {}
    problem = ""
    try:
        ring = ring_of(str(fields[RING]))
        for name, text in fields.items():
            if name not in (RING, RESOURCES):
                kind, _, key = name.partition(".")
                (entry,) = ring_of(f"{kind}:{key}").entries
                keys[entry] = Key.of_base64(str(text))
        kept = Kept(ring, keys, str(fields.get(RESOURCES, "")), version)
        fields_of(kept)
    except (ValueError, KeyError, KeyStoreError) as error:
        problem = "it has no field `ring`" if isinstance(error, KeyError) else str(error)
    if problem:
        # Raised out here, so that no exception is chained whose frames hold keys.
        raise KeyStoreError(
            f"what is kept at {where} is no ring of encryption keys: {problem}. Restore an older version of that "
            "secret; make no new keys, as they would not read what is in etcd"
        )
    return kept
