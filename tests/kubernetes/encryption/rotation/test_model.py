"""Every state that a small cluster can come into while its ring changes: two API servers, an old and a new entry."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import permutations

import pytest

from strongroom.kubernetes.encryption.ring import Entry, Ring
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
from strongroom.kubernetes.encryption.rotation.rule import Refusal, refused
from strongroom.kubernetes.encryption.rotation.seen import Seen, Stored
from support.ring_model import Rule, World

OLD, NEW = Entry("aescbc", "key-1"), Entry("secretbox", "key-2")
ENTRIES = frozenset({OLD, NEW})
RINGS = tuple(Ring(order) for size in (1, 2) for order in permutations((OLD, NEW), size))


def explore(rule: Rule = refused, stop: Callable[[World], bool] = lambda _: False) -> set[World]:
    """All worlds that can be reached from a settled cluster, breadth first; ends early at one where `stop` holds."""
    start = World.settled(Ring((OLD,)))
    found, ahead = {start}, deque([start])
    while ahead:
        world = ahead.popleft()
        for after in (*world.surroundings(), *world.tool(RINGS, ENTRIES, rule)):
            if after not in found:
                found.add(after)
                if stop(after):
                    return found
                ahead.append(after)
    return found


@cache
def reachable() -> frozenset[World]:
    return frozenset(explore())


def unsafe(world: World) -> bool:
    return not world.safe


def test_no_reachable_state_has_a_value_that_a_server_cannot_read(
    record_property: Callable[[str, object], None],
) -> None:
    worlds = reachable()
    record_property("states", len(worlds))
    print(f"{len(worlds)} states")  # with -s, or in the report of a failure

    assert [world for world in worlds if unsafe(world)] == []
    # It went everywhere: all rings, lagging servers, values of both kinds, backups.
    assert {world.ring for world in worlds} == set(RINGS)
    assert {world.stored for world in worlds} == {frozenset(), frozenset({OLD}), frozenset({NEW}), ENTRIES}
    assert len(worlds) > 10_000


def _everybody_loaded_it(seen: Seen, ring: Ring, *, backup: bool = False) -> Refusal | None:
    servers = tuple(replace(server, current=True) for server in seen.servers)
    return refused(replace(seen, servers=servers), ring, backup=backup)


def _everybody_is_drained(seen: Seen, ring: Ring, *, backup: bool = False) -> Refusal | None:
    servers = tuple(replace(server, drained=True) for server in seen.servers)
    return refused(replace(seen, servers=servers), ring, backup=backup)


def _nothing_is_stored(seen: Seen, ring: Ring, *, backup: bool = False) -> Refusal | None:
    return refused(replace(seen, stored=Stored(by={})), ring, backup=backup)


def _nobody_needs_a_backup(seen: Seen, ring: Ring, *, backup: bool = False) -> Refusal | None:
    return refused(seen, ring, backup=True)


def _anything_may_write(seen: Seen, ring: Ring, *, backup: bool = False) -> Refusal | None:
    """As if what the new ring writes by had been in the one before."""
    entries = (*seen.ring.entries, *(e for e in ring.entries if e not in seen.ring.entries))
    return refused(replace(seen, ring=Ring(entries)), ring, backup=backup)


def _what_is_written_may_go(seen: Seen, ring: Ring, *, backup: bool = False) -> Refusal | None:
    """As if the first entry of the ring before stood elsewhere in it."""
    entries = tuple(sorted(seen.ring.entries, key=lambda entry: entry != ring.writes))
    return refused(replace(seen, ring=Ring(entries)), ring, backup=backup)


@pytest.mark.parametrize(
    "careless",
    [
        _everybody_loaded_it,
        _everybody_is_drained,
        _nothing_is_stored,
        _nobody_needs_a_backup,
        _anything_may_write,
        _what_is_written_may_go,
    ],
)
def test_without_any_one_condition_of_the_rule_a_value_becomes_unreadable(careless: Rule) -> None:
    """So the model sees what it is there to see, and no condition is there for nothing."""
    assert any(map(unsafe, explore(careless, stop=unsafe)))


def completed(world: World, target: Entry, limit: int = 30) -> int:
    """How many steps the tool needs from here, whatever was going on, if each server does its part in the end."""
    for steps in range(limit):
        assert world.safe
        for number in range(len(world.servers)):
            world = world.looked_at(number)
        step = next_step(world.seen(ENTRIES), target, backup=world.vouched)
        if isinstance(step, Count):
            world = world.counted()
            step = next_step(world.seen(ENTRIES), target, backup=world.vouched)
        if isinstance(step, Done):
            return steps
        world = _after(world, step)
    raise AssertionError(f"not done after {limit} steps: {world}")


def _after(world: World, step: Step) -> World:
    match step:
        case Change(ring):
            return world.changed(ring)
        case Rewrite(entry):
            for other in sorted(world.stored - {entry}, key=str):
                world = world.rewritten(0, other)
            return world
        case ConfirmBackup():
            return world.backed_up()
        case WaitFor():
            for number in range(len(world.servers)):
                world = world.rendered(number).reloaded(number)
                for entry in sorted(world.servers[number].begun, key=str):
                    world = world.written(number, entry)
            return world
    raise AssertionError(f"a dead end: {step}")


@pytest.mark.parametrize("target", [OLD, NEW], ids=["back", "forward"])
def test_from_every_reachable_state_the_tool_finds_its_way_to_either_end(target: Entry) -> None:
    """Whoever was interrupted anywhere goes on, or goes back, by what is seen alone."""
    interrupted = {world.crashed() for world in reachable()}

    assert max(completed(world, target) for world in interrupted) < 20
