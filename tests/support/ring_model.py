"""A cluster in the small: everything that can happen around a change of its ring, in any order.

API servers, each with the file on its disk, what it has loaded of it, and requests that it has begun and not yet
written; values in etcd, by what they are written; a backup of etcd; and the tool, which looks at one thing after the
other and may stop anywhere. A file is written from the store by one process at a time on each machine.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from strongroom.kubernetes.encryption.ring import Entry, Ring
from strongroom.kubernetes.encryption.rotation.rule import Refusal
from strongroom.kubernetes.encryption.rotation.rule import refused as the_rule
from strongroom.kubernetes.encryption.rotation.seen import Seen, ServerSeen, Stored

Rule = Callable[..., Refusal | None]


@dataclass(frozen=True, slots=True)
class Server:
    """One API server."""

    file: Ring
    loaded: Ring
    begun: frozenset[Entry] = frozenset()
    """By what the requests will be written that it has begun."""

    @property
    def drained(self) -> bool:
        """Seen by the time since it loaded its file, which is longer than any request takes."""
        return self.begun <= {self.loaded.writes}


@dataclass(frozen=True, slots=True)
class Looked:
    """What the tool has seen since it began to look; forgotten whenever it crashes or has changed something."""

    drained: tuple[bool | None, ...]
    """Of each server that was seen with the ring; None: not looked at, or it lagged."""
    stored: frozenset[Entry] | None = None


@dataclass(frozen=True, slots=True)
class World:
    """One state of everything."""

    ring: Ring
    """In the store."""
    servers: tuple[Server, ...]
    stored: frozenset[Entry] = frozenset()
    """By what values in etcd are written."""
    backup: frozenset[Entry] = frozenset()
    """By what the values are written in the last backup of etcd that was taken when the tool asked for one."""
    vouched: bool = False
    """Whether that was for the change that is due now."""
    looked: Looked = Looked(())

    @classmethod
    def settled(cls, ring: Ring, servers: int = 2) -> "World":
        """All servers have the ring, and nothing is stored yet."""
        return cls(ring, (Server(ring, ring),) * servers, looked=Looked((None,) * servers))

    @property
    def safe(self) -> bool:
        """Whether each server reads every value now, would after a restart with the file on its disk, and whether the
        store's ring reads what the last backup would bring back."""
        files = [ring for server in self.servers for ring in (server.file, server.loaded)]
        return all(ring.reads(entry) for ring in files for entry in self.stored) and self.backup <= set(
            self.ring.entries
        )

    def seen(self, kept: frozenset[Entry]) -> Seen:
        """What the tool knows now."""
        servers = tuple(
            ServerSeen(name=f"server-{number}", current=drained is not None, drained=bool(drained))
            for number, drained in enumerate(self.looked.drained)
        )
        stored = self.looked.stored
        counted = None if stored is None else Stored(by=dict.fromkeys(stored, 1))
        return Seen(ring=self.ring, servers=servers, stored=counted, kept=kept)

    # What happens, each in one instant

    def rendered(self, number: int) -> "World":
        """The machine of a server writes its file from the store."""
        return self._with(number, file=self.ring)

    def reloaded(self, number: int) -> "World":
        """A server loads the file on its disk: it noticed a change, or it was restarted."""
        return self._with(number, loaded=self.servers[number].file)

    def killed(self, number: int) -> "World":
        """A server dies with what it had begun, and starts with the file on its disk."""
        return self._with(number, loaded=self.servers[number].file, begun=frozenset())

    def begun(self, number: int) -> "World":
        """A server encrypts a value, and has not written it yet."""
        server = self.servers[number]
        return self._with(number, begun=server.begun | {server.loaded.writes})

    def written(self, number: int, entry: Entry) -> "World":
        """What it had begun is in etcd."""
        begun = self.servers[number].begun - {entry}
        return replace(self._with(number, begun=begun), stored=self.stored | {entry})

    def deleted(self, entry: Entry) -> "World":
        """A person deletes the last value that was written so."""
        return replace(self, stored=self.stored - {entry})

    def rewritten(self, number: int, entry: Entry) -> "World":
        """The tool has a server write the last value anew that was written so. A backup is from before, then."""
        stored = self.stored - {entry} | {self.servers[number].loaded.writes}
        return replace(self, stored=stored, vouched=False, looked=self._forgotten)

    def looked_at(self, number: int) -> "World":
        """The tool looks at a server."""
        server, drained = self.servers[number], list(self.looked.drained)
        drained[number] = server.drained if server.loaded == self.ring else None
        return replace(self, looked=Looked(tuple(drained)))

    def counted(self) -> "World":
        """The tool counts the values, after it has looked at all servers."""
        return replace(self, looked=replace(self.looked, stored=self.stored))

    def crashed(self) -> "World":
        """The tool dies; whoever starts it anew knows nothing."""
        return replace(self, looked=self._forgotten)

    def backed_up(self) -> "World":
        """A person takes a backup, as the tool asked for one."""
        return replace(self, backup=self.stored, vouched=True)

    def changed(self, ring: Ring) -> "World":
        """The tool writes another ring to the store, if that is still as the tool saw it."""
        return replace(self, ring=ring, vouched=False, looked=self._forgotten)

    @property
    def _forgotten(self) -> Looked:
        return Looked((None,) * len(self.servers))

    def _with(self, number: int, **changes: object) -> "World":
        servers = list(self.servers)
        servers[number] = replace(servers[number], **changes)  # type: ignore[arg-type]
        return replace(self, servers=tuple(servers))

    # All that can happen

    def asks_for_a_backup(self, kept: frozenset[Entry], rule: Rule = the_rule) -> bool:
        """Whether nothing but a backup is missing to take out what is not written any more."""
        alone, seen = Ring((self.ring.writes,)), self.seen(kept)
        return self.ring != alone and rule(seen, alone, backup=True) is None

    def surroundings(self) -> Iterator["World"]:
        """What happens without the tool."""
        for number, server in enumerate(self.servers):
            yield self.rendered(number)
            yield self.reloaded(number)
            yield self.killed(number)
            yield self.begun(number)
            yield from (self.written(number, entry) for entry in server.begun)
        yield from (self.deleted(entry) for entry in self.stored)

    def tool(self, rings: tuple[Ring, ...], kept: frozenset[Entry], rule: Rule = the_rule) -> Iterator["World"]:
        """Whatever the tool may do, however foolish: any ring goes to the store that the rule does not refuse."""
        yield self.crashed()
        yield from (self.looked_at(number) for number in range(len(self.servers)))
        if None not in self.looked.drained:
            yield self.counted()
        for number, server in enumerate(self.servers):
            yield from (self.rewritten(number, entry) for entry in self.stored if server.loaded.reads(entry))
        if self.asks_for_a_backup(kept, rule):
            yield self.backed_up()
        seen = self.seen(kept)
        for ring in rings:
            if ring != self.ring and rule(seen, ring, backup=self.vouched) is None:
                yield self.changed(ring)
