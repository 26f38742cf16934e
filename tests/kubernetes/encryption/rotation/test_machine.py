"""Each step, and each refusal with its reason."""

from dataclasses import replace

import pytest

from strongroom.kubernetes.encryption.ring import Entry, Ring, ring_of
from strongroom.kubernetes.encryption.rotation.machine import (
    Change,
    ConfirmBackup,
    Count,
    Done,
    Rewrite,
    WaitFor,
    next_step,
)
from strongroom.kubernetes.encryption.rotation.rule import Refusal, refused
from strongroom.kubernetes.encryption.rotation.seen import Seen, ServerSeen, Stored

PLAIN, A, B, C = Entry("identity"), Entry("aescbc", "a"), Entry("secretbox", "b"), Entry("kms", "c")
READY = ServerSeen(name="one", current=True, drained=True)


def seen(ring: str, stored: dict[Entry, int] | None = None, *servers: ServerSeen, strange: int = 0) -> Seen:
    counted = None if stored is None else Stored(by=stored, strange=strange)
    return Seen(ring=ring_of(ring), servers=servers or (READY,), stored=counted, kept=frozenset({A, B, C}))


def test_the_steps_of_a_rotation_one_after_the_other() -> None:
    lagging = ServerSeen(name="two", current=False, said="it has loaded something else")
    draining = replace(READY, name="two", drained=False)
    changes = [
        (seen("aescbc:a"), "aescbc:a, secretbox:b"),
        (seen("aescbc:a, secretbox:b"), "secretbox:b, aescbc:a"),
    ]
    for before, after in changes:
        step = next_step(before, B)
        assert isinstance(step, Change)
        assert step.ring == ring_of(after)
        waiting = next_step(replace(before, servers=(READY, lagging)), B)
        assert isinstance(waiting, WaitFor)
        assert waiting.servers == (lagging,)
    first = "secretbox:b, aescbc:a"
    assert next_step(seen(first), B) == Count()
    assert next_step(seen(first, {A: 3, B: 4}), B) == Rewrite(B, 3)
    drain = next_step(seen(first, {B: 7}, READY, draining), B)
    assert isinstance(drain, WaitFor)
    assert drain.servers == (draining,)
    assert next_step(seen(first, {B: 7}), B) == ConfirmBackup((A,))
    last = next_step(seen(first, {B: 7}), B, backup=True)
    assert isinstance(last, Change)
    assert last.ring == Ring((B,))
    assert next_step(seen("secretbox:b"), B) == Done(B)
    # One that nobody waits for any more begins again with the same.
    assert next_step(seen(first, {A: 1, B: 6}), B, backup=True) == Rewrite(B, 1)


def test_whoever_gives_up_leads_back_by_the_same_steps() -> None:
    step = next_step(seen("secretbox:b, aescbc:a", {A: 3, B: 4}), A)
    assert isinstance(step, Change)
    assert step.ring == ring_of("aescbc:a, secretbox:b")


def test_values_by_a_key_that_left_the_ring_bring_it_back() -> None:
    step = next_step(seen("secretbox:b, identity", {A: 1, B: 5}), B)
    assert isinstance(step, Change)
    assert step.ring == ring_of("secretbox:b, identity, aescbc:a")


@pytest.mark.parametrize(
    ("before", "after", "backup", "reason"),
    [
        (seen("aescbc:a"), "secretbox:b", True, "would write by secretbox:b, and those that still have"),
        (seen("aescbc:a"), "secretbox:b, aescbc:a", True, "would write by secretbox:b, and those that still have"),
        (seen("aescbc:a, secretbox:b", {}), "secretbox:b", True, "write by aescbc:a, and those with"),
        (seen("secretbox:b, aescbc:a"), "secretbox:b", True, "it is not known whether values are written by aescbc:a"),
        (seen("secretbox:b, aescbc:a", {A: 2}), "secretbox:b", True, "2 values are written by aescbc:a"),
        (seen("secretbox:b, identity", {PLAIN: 1}), "secretbox:b", True, "1 values are written by identity"),
        (seen("secretbox:b, aescbc:a", {}, strange=1), "secretbox:b", True, "1 values are written by nothing"),
        (seen("secretbox:b, aescbc:a", {B: 2}), "secretbox:b", False, "no backup of etcd could be read without"),
        (
            seen("secretbox:b, aescbc:a", {B: 2}, replace(READY, drained=False)),
            "secretbox:b",
            True,
            "one: requests that began by the ring before may still write by aescbc:a",
        ),
        (
            seen("aescbc:a", None, READY, ServerSeen(name="two", current=False)),
            "aescbc:a, secretbox:b",
            True,
            "two: not every API server has loaded the ring before (aescbc:a)",
        ),
        (replace(seen("aescbc:a"), servers=()), "aescbc:a, secretbox:b", True, "no API server was looked at"),
        (replace(seen("aescbc:a"), unnamed=("apiserver-x",)), "aescbc:a, secretbox:b", True, "apiserver-x"),
    ],
)
def test_what_could_make_a_value_unreadable_is_refused_with_the_reason(
    before: Seen, after: str, backup: bool, reason: str
) -> None:
    found = refused(before, ring_of(after), backup=backup)
    assert found is not None
    assert found.remedy
    assert reason in found.reason


def test_a_ring_of_nothing_or_with_an_entry_twice_is_refused() -> None:
    assert refused(seen("aescbc:a"), Ring(()))
    assert refused(seen("aescbc:a"), Ring((A, A)))


@pytest.mark.parametrize(
    ("before", "target", "reason"),
    [
        (replace(seen("aescbc:a"), kept=frozenset()), B, "has no key secretbox:b"),
        (replace(seen("aescbc:a"), unnamed=("apiserver-x",)), B, "nobody looked at"),
        (replace(seen("aescbc:a"), servers=()), B, "no API server was looked at"),
        (seen("secretbox:b, aescbc:a", {B: 1}, strange=2), B, "2 values in etcd are written by nothing"),
        (seen("secretbox:b, aescbc:a", {PLAIN: 4}), B, "4 values are written by identity"),
    ],
)
def test_where_no_step_leads_on_the_reason_is_given(before: Seen, target: Entry, reason: str) -> None:
    step = next_step(before, target)
    assert isinstance(step, Refusal)
    assert reason in step.reason
    assert step.remedy in str(step)
