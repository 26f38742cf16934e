"""Leads a cluster from one ring to another, step by step, each decided on what is seen right before."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from strongroom.errors import StrongroomError
from strongroom.kubernetes.encryption.key_store import Kept, KeyStore
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.plan import EncryptionAtRest
from strongroom.kubernetes.encryption.ring import KEYED, Entry, Ring
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
from strongroom.kubernetes.encryption.rotation.rewrite import Rewriting
from strongroom.kubernetes.encryption.rotation.rule import Refusal
from strongroom.kubernetes.encryption.rotation.seen import Seen
from strongroom.kubernetes.encryption.rotation.target import named, target_of
from strongroom.kubernetes.encryption.rotation.unanswered import UnansweredError
from strongroom.kubernetes.encryption.rotation.values import Values

POLL_SECONDS: Final = 2.0
End = Done | WaitFor | ConfirmBackup | Refusal


class Cluster(Protocol):
    """What a rotation sees and does in a cluster; `LiveCluster` is one."""

    @property
    def covers(self) -> str:
        """What is read and written by the ring."""

    def publish(self, kept: Kept) -> tuple[str, ...]:
        """Writes the files of API servers on this machine."""

    def look(self, kept: Kept) -> Seen:
        """What the API servers have loaded."""

    def values(self) -> Values:
        """Who knows by what values are written."""

    def rewriting(self, rate_per_second: float) -> Rewriting:
        """Who writes values anew."""


class Rotation:
    """One run. Whatever it is stopped by, another one goes on from there."""

    def __init__(
        self,
        cluster: Cluster,
        store: KeyStore,
        say: Callable[[str], None],
        *,
        rate_per_second: float = 50,
        patience_seconds: float = 600,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Args:
        say: Is told of each step, in a line for people.
        rate_per_second: How many objects are rewritten in a second at the most.
        patience_seconds: How long it waits for API servers without any of them going on.
        """
        self._cluster, self._store, self._say = cluster, store, say
        self._rate, self._patience, self._now, self._sleep = rate_per_second, patience_seconds, now, sleep

    def target(self, record: EncryptionAtRest, *, to: str | None = None, may_begin: bool = True) -> Entry:
        """Where to lead: what is declared, or the entry `to`.

        Args:
            may_begin: Whether a new key may be made. It is only where the ring is one entry, which every API server has
                loaded: else something is to be finished first.

        Raises WrongInputError if `to` is nothing that can be gone to.
        """
        kept = self._kept()
        if to is not None:
            return named(record, kept, to)
        begin = may_begin and len(kept.ring.entries) == 1 and not self._cluster.look(kept).lagging
        return target_of(record, kept, new_key=begin)

    def towards(self, target: Entry, *, backup: bool = False) -> End:
        """Leads to a ring of `target` alone, as far as that goes now.

        Args:
            backup: Whether somebody vouches for a backup of etcd since the last rewriting. One that was taken before
                this run rewrites anything is too old, and does not count then.

        Raises StrongroomError if the store cannot be asked, a server refuses something, or none answers for as long as
        it is patient; or ChangedMeanwhileError, a kind of it, if somebody
        else changed the ring in between.
        """
        told: Step | str | None = None
        patience = _Patience(self._patience, self._now)
        while True:
            try:
                kept = self._published()
                step = self._step(kept, target, backup=backup)
                if step != told:
                    self._tell(step)
                    told = step
                match step:
                    case Change(ring):
                        self._change(kept, ring)
                    case Rewrite(entry, left):
                        backup = False
                        self._rewrite(entry, left)
                    case WaitFor(servers, what):
                        # What one of them says may change all the time, without its going on.
                        if patience.over(what, *(server.name for server in servers)):
                            return step
                        self._sleep(POLL_SECONDS)
                        continue
                    case Done() | ConfirmBackup() | Refusal():
                        return step
                patience.begin_anew()
            except UnansweredError as error:
                if patience.over("unanswered"):
                    raise
                if told != (problem := str(error)):
                    self._say(f"no answer, asking again: {problem}")
                    told = problem
                self._sleep(POLL_SECONDS)

    def _published(self) -> Kept:
        """What is kept now, which is what the files on this machine say too."""
        kept = self._kept()
        for path in self._cluster.publish(kept):
            self._say(f"wrote {path}")
        return kept

    def _kept(self) -> Kept:
        kept = self._store.read()
        if kept is None:
            raise StrongroomError("there are no keys yet; make them with `strongroom encryption init`")
        return kept

    def _step(self, kept: Kept, target: Entry, *, backup: bool) -> Step:
        seen = self._cluster.look(kept)
        if target.kind in KEYED:
            seen = replace(seen, kept=seen.kept | {target})  # a key that is still to be made
        step = next_step(seen, target, backup=backup)
        if isinstance(step, Count):
            # Counted after the servers were looked at: what is written from then on is written by their ring.
            values = self._cluster.values()
            counted = values.count(kept.ring)
            found = ", ".join(
                f"{n} by {entry}" for entry, n in sorted(counted.by.items(), key=lambda each: str(each[0]))
            )
            self._say(f"values: {found or 'none'} ({values.how})")
            step = next_step(replace(seen, stored=counted), target, backup=backup)
        return step

    def _change(self, kept: Kept, ring: Ring) -> None:
        new = {entry: Key.new() for entry in ring.entries if entry.kind in KEYED and entry not in kept.keys}
        self._store.write(Kept(ring, {**kept.keys, **new}, self._cluster.covers), kept)

    def _rewrite(self, entry: Entry, left: int) -> None:
        def progress(done: int) -> None:
            if done % 100 == 0 or done == left:
                self._say(f"rewritten: {done} of {left}")

        rewriting = self._cluster.rewriting(self._rate)
        rewriting.all(self._cluster.values().others(entry), progress)

    def _tell(self, step: Step) -> None:
        match step:
            case Change(ring, why):
                self._say(f"ring: {ring} ({why})")
            case WaitFor(servers, what):
                for server in servers:
                    self._say(f"waiting for {server.name} to {what}{f': {server.said}' if server.said else ''}")
            case Rewrite(entry, left):
                self._say(f"rewriting {left} values by {entry}, at most {self._rate:g} a second")


class _Patience:
    """How long the same has been waited for."""

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        self._seconds, self._now = seconds, now
        self.begin_anew()

    def begin_anew(self) -> None:
        """Something went on."""
        self._since, self._what = self._now(), tuple[str, ...]()

    def over(self, *what: str) -> bool:
        """Whether this has been waited for too long."""
        if what != self._what:
            self._since, self._what = self._now(), what
        return self._now() - self._since >= self._seconds
