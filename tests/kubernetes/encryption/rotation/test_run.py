"""One run: what it does when nobody answers, somebody else writes, or a server never goes on."""

from collections.abc import Callable, Iterator

import pytest

from strongroom.errors import StrongroomError
from strongroom.kubernetes.encryption.key_store import Kept
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.ring import Entry, Ring, ring_of
from strongroom.kubernetes.encryption.rotation.api import Api, ApiError, UnansweredApiError
from strongroom.kubernetes.encryption.rotation.machine import ConfirmBackup, Done, WaitFor
from strongroom.kubernetes.encryption.rotation.rewrite import Rewriting
from strongroom.kubernetes.encryption.rotation.run import Rotation
from strongroom.kubernetes.encryption.rotation.seen import Seen, ServerSeen, Stored
from strongroom.values.store import ValuesError

OLD, NEW = Entry("secretbox", "key-1"), Entry("secretbox", "key-2")


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Store:
    """A key store, in which somebody else may write."""

    def __init__(self) -> None:
        self.kept = Kept(Ring((OLD,)), {OLD: Key.new()})
        self.before_write: Callable[[], None] = lambda: None

    def read(self) -> Kept:
        return self.kept

    def write(self, kept: Kept, seen: Kept | None) -> Kept:
        self.before_write()
        if seen != self.kept:
            raise ValuesError("somebody else wrote")
        self.kept = kept
        return kept


class Objects(Api):
    """An API server that writes objects by what its ring begins with."""

    def __init__(self, cluster: "Cluster") -> None:
        self.address, self._cluster = "https://one.example", cluster

    def touched(self, path: str) -> str:
        self._cluster.fail()
        if path in self._cluster.gone:
            raise ApiError("not found", 404)
        if path in self._cluster.invalid:
            raise ApiError(f"{path}: admission webhook said no [400]", 400)
        self._cluster.objects[path] = self._cluster.loaded.writes
        self._cluster.touched.append(path)
        return "1"


class Cluster:
    """An API server that loads each file at once, unless it is stuck."""

    how = "looked at"
    covers = "secrets"

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.loaded = Ring((OLD,))
        self.objects = dict.fromkeys((f"/api/v1/secrets/{number}" for number in range(5)), OLD)
        self.touched: list[str] = []
        self.gone, self.invalid = set[str](), set[str]()
        self.stuck = False
        self.failures = 0

    def fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise UnansweredApiError("https://one.example cannot be reached", 0)

    def publish(self, kept: Kept) -> tuple[str, ...]:
        if not self.stuck:
            self.loaded = kept.ring
        return ()

    def look(self, kept: Kept) -> Seen:
        self.fail()
        current = kept.ring == self.loaded
        server = ServerSeen(name="one", current=current, drained=current, said=f"at {self.clock.seconds:g} s")
        return Seen(ring=kept.ring, servers=(server,), kept=frozenset(kept.keys))

    def values(self) -> "Cluster":
        return self

    def count(self, ring: Ring) -> Stored:  # noqa: ARG002
        self.fail()
        entries = list(self.objects.values())
        return Stored(by={entry: entries.count(entry) for entry in set(entries)})

    def others(self, entry: Entry) -> Iterator[str]:
        yield from [path for path, by in self.objects.items() if by != entry]

    def rewriting(self, rate_per_second: float) -> Rewriting:
        return Rewriting([Objects(self)], rate_per_second, now=self.clock.now, sleep=self.clock.sleep)


class Bench:
    def __init__(self) -> None:
        self.clock, self.store, self.said = Clock(), Store(), list[str]()
        self.cluster = Cluster(self.clock)

    def run(self, *, backup: bool = False, rate: float = 50, patience: float = 60) -> object:
        rotation = Rotation(
            self.cluster,
            self.store,
            self.said.append,
            rate_per_second=rate,
            patience_seconds=patience,
            now=self.clock.now,
            sleep=self.clock.sleep,
        )
        return rotation.towards(NEW, backup=backup)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_run_ends_where_a_backup_is_wanted_and_the_next_one_ends_it(bench: Bench) -> None:
    assert bench.run() == ConfirmBackup((OLD,))
    assert bench.store.kept.ring == ring_of("secretbox:key-2, secretbox:key-1")
    assert bench.run(backup=True) == Done(NEW)
    assert bench.store.kept.ring == Ring((NEW,))
    assert set(bench.store.kept.keys) == {OLD, NEW}  # an old backup of etcd still needs it


def test_a_backup_that_was_taken_before_something_was_rewritten_does_not_count(bench: Bench) -> None:
    assert bench.run(backup=True) == ConfirmBackup((OLD,))


def test_one_key_is_made_however_often_it_is_begun(bench: Bench) -> None:
    bench.cluster.stuck = True
    for _ in range(3):
        assert isinstance(bench.run(), WaitFor)
    assert bench.store.kept.ring == Ring((OLD, NEW))
    assert set(bench.store.kept.keys) == {OLD, NEW}


def test_a_server_that_never_goes_on_is_waited_for_as_long_as_was_said_whatever_it_tells(bench: Bench) -> None:
    bench.cluster.stuck = True
    assert isinstance(bench.run(patience=100), WaitFor)
    assert 100 <= bench.clock.seconds < 110


def test_somebody_else_who_changes_the_ring_is_not_overwritten(bench: Bench) -> None:
    other = Kept(ring_of("secretbox:key-1, aescbc:key-9"), {OLD: Key.new(), Entry("aescbc", "key-9"): Key.new()})

    def meanwhile() -> None:
        bench.store.kept = other

    bench.store.before_write = meanwhile
    with pytest.raises(ValuesError):
        bench.run()
    assert bench.store.kept is other


def test_who_does_not_answer_is_asked_again_and_nothing_is_done_twice(bench: Bench) -> None:
    bench.cluster.failures = 3
    assert bench.run() == ConfirmBackup((OLD,))
    assert sorted(bench.cluster.touched) == sorted(bench.cluster.objects)


def test_a_cluster_that_does_not_answer_for_so_long_ends_the_run(bench: Bench) -> None:
    bench.cluster.failures = 10_000
    with pytest.raises(UnansweredApiError):
        bench.run(patience=60)
    assert 60 <= bench.clock.seconds < 70


def test_no_more_objects_are_rewritten_in_a_second_than_was_said(bench: Bench) -> None:
    bench.run(rate=0.5)
    assert 8 <= bench.clock.seconds < 12


def test_what_was_deleted_meanwhile_is_passed_over(bench: Bench) -> None:
    path = "/api/v1/secrets/3"
    bench.cluster.gone.add(path)
    seen = bench.cluster.others

    def others(entry: Entry) -> Iterator[str]:
        yield from seen(entry)
        bench.cluster.objects.pop(path, None)

    bench.cluster.others = others  # type: ignore[method-assign]
    assert bench.run() == ConfirmBackup((OLD,))


def test_an_object_that_cannot_be_written_is_named_and_keeps_the_old_key(bench: Bench) -> None:
    bench.cluster.invalid.add("/api/v1/secrets/3")
    with pytest.raises(StrongroomError, match=r"1 objects could not be rewritten, 4 were: \S+: admission"):
        bench.run()
    assert bench.store.kept.ring == Ring((NEW, OLD))
    with pytest.raises(StrongroomError, match="0 were"):
        bench.run(backup=True)
    assert bench.store.kept.ring == Ring((NEW, OLD))
