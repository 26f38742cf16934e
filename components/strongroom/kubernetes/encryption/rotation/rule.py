"""When a ring may change to another: the one rule that keeps every value readable, whoever asks.

A ring changes only when every API server has loaded the one before. So each of them has, in memory and on its disk,
this ring or the one before it, whatever is restarted in between; and it is enough that neighbours fit: each reads what
the other writes, and what is taken out of a ring is borne by no value and written by nobody any more.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from strongroom.kubernetes.encryption.ring import Entry, Ring
from strongroom.kubernetes.encryption.rotation.seen import Seen, ServerSeen


@dataclass(frozen=True, slots=True)
class Refusal:
    """A step that could make a value unreadable, and is not done."""

    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.reason}; {self.remedy}"


def refused(seen: Seen, ring: Ring, *, backup: bool = False) -> Refusal | None:
    """Why the ring must not change to this one now; None if no value can become unreadable by it.

    Args:
        backup: Whether somebody vouches for a backup of etcd that was taken after the last value was rewritten.
    """
    return next(_reasons(seen, ring, backup=backup), None)


def overlooked(seen: Seen) -> Refusal | None:
    """Why nothing can be said of the cluster: somebody in it was not looked at."""
    if not seen.servers:
        return Refusal("no API server was looked at", "name them in `encryption.api_servers`")
    if seen.unnamed:
        return Refusal(
            f"the cluster has API servers that nobody looked at ({', '.join(seen.unnamed)}), and what they have loaded "
            "is not known",
            "name each one's own address in `encryption.api_servers`, not that of a load balancer; the lease of one "
            "that is gone for good (namespace kube-system) may be deleted",
        )
    return None


def _reasons(seen: Seen, ring: Ring, *, backup: bool) -> Iterator[Refusal]:
    now = seen.ring
    if not ring.entries or len(set(ring.entries)) != len(ring.entries):
        yield Refusal(f"a ring of [{ring}] has no entry, or one twice", "name each once")
        return
    if problem := overlooked(seen):
        yield problem
    if seen.lagging:
        yield Refusal(f"{_names(seen.lagging)}: not every API server has loaded the ring before ({now})", "wait for it")
    if ring.writes not in now.entries:
        yield Refusal(
            f"an API server that has loaded [{ring}] would write by {ring.writes}, and those that still have [{now}] "
            "could not read it",
            f"take {ring.writes} in as the second entry first",
        )
    if now.writes not in ring.entries:
        yield Refusal(
            f"API servers that still have [{now}] write by {now.writes}, and those with [{ring}] could not read it",
            f"make {ring.writes} the first entry first",
        )
    if gone := tuple(entry for entry in now.entries if entry not in ring.entries):
        yield from _reasons_to_keep(seen, gone, backup=backup)


def _reasons_to_keep(seen: Seen, gone: tuple[Entry, ...], *, backup: bool) -> Iterator[Refusal]:
    names = ", ".join(map(str, gone))
    if seen.stored is None:
        yield Refusal(f"it is not known whether values are written by {names}", "count them first")
        return
    if borne := sum(seen.stored.by.get(entry, 0) for entry in gone):
        yield Refusal(f"{borne} values are written by {names}, and nobody could read them any more", "rewrite them")
    if seen.stored.strange:
        yield Refusal(f"{seen.stored.strange} values are written by nothing that is known here", "find out by what")
    if seen.undrained:
        yield Refusal(
            f"{_names(seen.undrained)}: requests that began by the ring before may still write by {names}",
            "wait until they are over",
        )
    if not backup:
        yield Refusal(f"no backup of etcd could be read without {names}", "take one now, and say so")


def _names(servers: tuple[ServerSeen, ...]) -> str:
    return ", ".join(server.name for server in servers)
