"""What to do next with the ring of a cluster, so that no API server ever meets a value that it cannot read.

    step = next_step(seen, target, backup=False)   # what was seen in the cluster -> one step, or why there is none

Pure, and without memory: what was seen decides, so whoever was interrupted looks again and goes on. A new key, another
provider and giving up half-way are the same thing, with another target. What keeps it safe is in `rule.py`, which every
change goes through.
"""

from dataclasses import dataclass

from strongroom.kubernetes.encryption.ring import Entry, Ring
from strongroom.kubernetes.encryption.rotation.rule import Refusal, overlooked, refused
from strongroom.kubernetes.encryption.rotation.seen import Seen, ServerSeen


@dataclass(frozen=True, slots=True)
class Change:
    """Another ring goes to the store, and from there into the file of every API server."""

    ring: Ring
    why: str


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Nothing can be done before these servers have gone on."""

    servers: tuple[ServerSeen, ...]
    what: str


@dataclass(frozen=True, slots=True)
class Count:
    """The values in etcd are to be counted, as it is not known by what they are written."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Values are to be written anew, unchanged, so that they are under the ring's first entry."""

    entry: Entry
    left: int


@dataclass(frozen=True, slots=True)
class ConfirmBackup:
    """A backup of etcd is to be taken: those from before cannot be read once the old entries are out of the ring."""

    old: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """The ring is this entry alone, and every server has it."""

    entry: Entry


Step = Change | WaitFor | Count | Rewrite | ConfirmBackup | Done | Refusal

RELOAD = "load the file that the ring gives"
DRAIN = "end the requests that they began by the ring before"


def next_step(seen: Seen, target: Entry, *, backup: bool = False) -> Step:
    """The one step that leads on from what was seen to a ring of `target` alone.

    Args:
        backup: Whether somebody vouches for a backup of etcd that was taken after the last value was rewritten.
    """
    if problem := overlooked(seen):
        return problem
    if seen.lagging:
        return WaitFor(seen.lagging, RELOAD)
    return _unreadable(seen) or _towards_first(seen, target) or _towards_alone(seen, target, backup=backup)


def _towards_first(seen: Seen, target: Entry) -> Step | None:
    first, *rest = seen.ring.entries
    if target not in seen.ring.entries:
        if target not in seen.kept:
            return Refusal(f"the store has no key {target}, and no plugin of that name is declared", "name another one")
        return _change(seen, Ring((first, target, *rest)), f"{target} second: all read it before one writes by it")
    if first != target:
        others = (entry for entry in seen.ring.entries if entry != target)
        return _change(seen, Ring((target, *others)), f"{target} first: what is written now is written by it")
    return None


def _towards_alone(seen: Seen, target: Entry, *, backup: bool) -> Step:
    """All servers write by the target; what is left is to take the others out."""
    old = seen.ring.entries[1:]
    if not old:
        return Done(target)
    if seen.stored is None:
        return Count()
    if left := seen.stored.other_than(target):
        return Rewrite(target, left)
    if seen.undrained:
        return WaitFor(seen.undrained, DRAIN)
    if not backup:
        return ConfirmBackup(old)
    return _change(seen, Ring((target,)), f"without {', '.join(map(str, old))}: no value needs it", backup=True)


def _unreadable(seen: Seen) -> Step | None:
    """Values by what is not in the ring. No step of this machine leads there; another hand, or a restored backup, may
    have. The keys that were ever in the ring are still in the store."""
    if seen.stored is None:
        return None
    if seen.stored.strange:
        return Refusal(
            f"{seen.stored.strange} values in etcd are written by nothing that is known here, as by version 1 of KMS",
            "no API server with this ring reads them; find out who wrote them, and rewrite or delete them",
        )
    lost = sorted((entry for entry in seen.stored.by if not seen.ring.reads(entry)), key=str)
    for entry in lost:
        if entry not in seen.kept:
            return Refusal(
                f"{seen.stored.by[entry]} values are written by {entry}, which is neither in the ring nor in the store",
                "restore its key into the store from an older version of its secret; of plain text, find out who wrote "
                "it into etcd",
            )
    if lost:
        ring = Ring((*seen.ring.entries, *lost))
        return _change(seen, ring, f"{', '.join(map(str, lost))} again: there are values that only it reads")
    return None


def _change(seen: Seen, ring: Ring, why: str, *, backup: bool = False) -> Step:
    """Even what is decided here goes through the rule that is for everybody."""
    return refused(seen, ring, backup=backup) or Change(ring, why)
