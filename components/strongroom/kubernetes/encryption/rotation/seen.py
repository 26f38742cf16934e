"""What is seen of a cluster before anything is decided: who has loaded its ring, and what its values are written by."""

from collections.abc import Mapping
from dataclasses import dataclass

from strongroom.kubernetes.encryption.ring import Entry, Ring


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSeen:
    """One API server, as it was seen."""

    name: str
    """Its address."""
    current: bool
    """Whether it has loaded the file that the ring in the store gives, byte for byte."""
    drained: bool = False
    """Whether what it began before it loaded that file is over: a request that was begun by the ring before it writes
    by that one's first entry, whenever it ends."""
    said: str = ""
    """What is known of a server that is not current."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """By what the values in etcd are written, as they were counted."""

    by: Mapping[Entry, int]
    """How many by each entry; none is named with zero."""
    strange: int = 0
    """How many begin as encrypted ones, by no provider that is known here."""

    def other_than(self, entry: Entry) -> int:
        """How many are not written by it."""
        return sum(self.by.values()) + self.strange - self.by.get(entry, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen of a cluster. The order matters: the ring first, then the servers, and only then the values."""

    ring: Ring
    """What the store says, and so what every file has to say."""
    servers: tuple[ServerSeen, ...]
    unnamed: tuple[str, ...] = ()
    """API servers that the cluster has and that are not among `servers`."""
    stored: Stored | None = None
    """None: not counted since the servers were looked at."""
    kept: frozenset[Entry] = frozenset()
    """Entries that could come into the ring again: the store has their keys, or their plugin is declared."""

    @property
    def lagging(self) -> tuple[ServerSeen, ...]:
        """The servers that have not loaded what the ring gives."""
        return tuple(server for server in self.servers if not server.current)

    @property
    def undrained(self) -> tuple[ServerSeen, ...]:
        """The servers that may still be ending a request of the ring before."""
        return tuple(server for server in self.servers if not server.drained)
