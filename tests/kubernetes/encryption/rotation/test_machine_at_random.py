"""Three API servers, three entries, and whatever hypothesis thinks of, long runs included."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from strongroom.kubernetes.encryption.ring import Entry, Ring
from strongroom.kubernetes.encryption.rotation.machine import Change, ConfirmBackup, Count, Refusal, Rewrite, next_step
from strongroom.kubernetes.encryption.rotation.rule import refused
from support.ring_model import World

PLAIN, OLD, NEW = Entry("identity"), Entry("aescbc", "key-1"), Entry("kms", "vault")
ENTRIES = (PLAIN, OLD, NEW)
SERVERS = 3
server = st.integers(0, SERVERS - 1)
entry = st.sampled_from(ENTRIES)


class Cluster(RuleBasedStateMachine):
    """What happens in it, and a tool that wants something else at any time."""

    @initialize(first=entry)
    def settled(self, first: Entry) -> None:
        self.world = World.settled(Ring((first,)), SERVERS)

    @rule(number=server)
    def a_machine_writes_its_file(self, number: int) -> None:
        self.world = self.world.rendered(number)

    @rule(number=server)
    def a_server_reloads(self, number: int) -> None:
        self.world = self.world.reloaded(number)

    @rule(number=server)
    def a_server_is_killed(self, number: int) -> None:
        self.world = self.world.killed(number)

    @rule(number=server)
    def a_server_begins_to_write(self, number: int) -> None:
        self.world = self.world.begun(number)

    @rule(number=server, by=entry)
    def a_server_has_written(self, number: int, by: Entry) -> None:
        if by in self.world.servers[number].begun:
            self.world = self.world.written(number, by)

    @rule(by=entry)
    def a_value_is_deleted(self, by: Entry) -> None:
        self.world = self.world.deleted(by)

    @rule()
    def everything_catches_up(self) -> None:
        """Without it, a run at random would seldom come far."""
        for number in range(SERVERS):
            self.world = self.world.rendered(number).reloaded(number)
            for by in sorted(self.world.servers[number].begun, key=str):
                self.world = self.world.written(number, by)

    @rule()
    def the_tool_crashes(self) -> None:
        self.world = self.world.crashed()

    @rule(number=server)
    def the_tool_looks_at_a_server(self, number: int) -> None:
        self.world = self.world.looked_at(number)

    @rule()
    def the_tool_looks_at_all(self) -> None:
        for number in range(SERVERS):
            self.world = self.world.looked_at(number)

    @precondition(lambda self: None not in self.world.looked.drained)
    @rule()
    def the_tool_counts(self) -> None:
        self.world = self.world.counted()

    @rule(ring=st.permutations(ENTRIES).flatmap(lambda order: st.integers(1, 3).map(lambda n: Ring(tuple(order[:n])))))
    def somebody_asks_for_a_ring(self, ring: Ring) -> None:
        seen = self.world.seen(frozenset(ENTRIES))
        if refused(seen, ring, backup=self.world.vouched) is None:
            self.world = self.world.changed(ring)

    @rule(towards=entry, number=server)
    def the_tool_makes_one_step(self, towards: Entry, number: int) -> None:
        step = next_step(self.world.seen(frozenset(ENTRIES)), towards, backup=self.world.vouched)
        assert not isinstance(step, Refusal), str(step)  # it asks for nothing that the rule refuses
        match step:
            case Change(ring):
                self.world = self.world.changed(ring)
            case Rewrite(to):
                for other in sorted(self.world.stored - {to}, key=str):
                    self.world = self.world.rewritten(number, other)
            case ConfirmBackup():
                self.world = self.world.backed_up()
            case Count():
                self.world = self.world.counted()

    @invariant()
    def every_server_reads_every_value(self) -> None:
        assert self.world.safe


TestCluster = Cluster.TestCase
TestCluster.settings = settings(max_examples=150, stateful_step_count=80, deadline=None)
