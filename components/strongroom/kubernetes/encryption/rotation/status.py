"""How the encryption of a cluster stands, without changing anything."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from strongroom.kubernetes.encryption.key_store import Kept
from strongroom.kubernetes.encryption.ring import KEYED, Entry
from strongroom.kubernetes.encryption.rotation.cluster import LiveCluster
from strongroom.kubernetes.encryption.rotation.machine import (
    Change,
    ConfirmBackup,
    Count,
    Done,
    Rewrite,
    Step,
    WaitFor,
    next_step,
)
from strongroom.kubernetes.encryption.rotation.seen import Seen
from strongroom.kubernetes.encryption.rotation.target import target_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was seen of a cluster at one time."""

    seen: Seen
    target: Entry
    """Where the ring is to lead, by what is declared."""
    step: Step
    """What `rotate` would do first."""
    how: str
    """How the values were counted; empty if they were not."""
    unchanged_since: datetime | None
    """When the ring was written, UTC. A key that writes alone is older than that."""
    due_after: timedelta | None
    """After which time a key has to be replaced; None where no key of ours writes."""

    def due(self, now: datetime) -> bool:
        """Whether the key that writes has to be replaced."""
        return bool(self.due_after and self.unchanged_since and now - self.unchanged_since > self.due_after)

    @property
    def flaws(self) -> tuple[str, ...]:
        """What is not as it has to be, a sentence each. What was not counted is one."""
        ring, stored = self.seen.ring, self.seen.stored
        found = [f"{server.name} has not loaded the ring: {server.said}" for server in self.seen.lagging]
        if self.seen.unnamed:
            found.append(f"nobody looked at the API servers {', '.join(self.seen.unnamed)}")
        if stored is None:
            found.append("it is not known by what values are written")
        elif left := stored.other_than(ring.writes):
            found.append(f"{left} values are not written by {ring.writes}")
        return tuple(found)


def standing(cluster: LiveCluster, kept: Kept, *, count: bool) -> Standing:
    """Looks at a cluster; with `count`, also by what its values are written. Raises StrongroomError."""
    seen, how = cluster.look(kept), ""
    if count and not seen.lagging and not seen.unnamed:
        values = cluster.values()
        seen, how = replace(seen, stored=values.count(kept.ring)), values.how
    target = target_of(cluster.record, kept, new_key=False)
    due_after = timedelta(seconds=cluster.record.rotate_every_seconds) if kept.ring.writes.kind in KEYED else None
    known = replace(seen, kept=seen.kept | {target})  # a key that is still to be made
    return Standing(
        seen=seen,
        target=target,
        step=next_step(known, target),
        how=how,
        unchanged_since=kept.since,
        due_after=due_after,
    )


def in_words(step: Step, target: Entry) -> str:
    """What comes next, for people."""
    text = f"refused: {step}"
    match step:
        case Change(ring, why):
            text = f"the ring becomes {ring} ({why})"
        case WaitFor(servers, what):
            text = f"{', '.join(server.name for server in servers)} has to {what}"
        case Count():
            text = "the values are counted"
        case Rewrite(entry, left):
            text = f"{left} values are rewritten by {entry}"
        case ConfirmBackup(old):
            text = f"a backup of etcd is taken, then {', '.join(map(str, old))} goes: `rotate --backup-taken SNAPSHOT`"
        case Done():
            text = f"nothing; {target} alone reads and writes"
    return text
