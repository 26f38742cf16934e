"""Moving a mount: only with the stack that made it; the stacks of teams follow, and a repeat does no harm."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from strongroom.errors import WrongInputError
from strongroom.safeguards.holding import Holding
from strongroom.safeguards.remount import remount
from strongroom.vault.connection import Connection
from strongroom_sandbox import Sandbox


class State:
    """That of a stack which made these mounts, and keys in those."""

    def __init__(self, mounts: Mapping[str, str], keys_in: str = "") -> None:
        urn = "urn:pulumi:dev::p::{}::{}"
        resources = [
            {
                "urn": urn.format("vault:index/mount:Mount", f"{path}-mount"),
                "type": "vault:index/mount:Mount",
                "custom": True,
                "id": path,
                "outputs": {"path": path, "type": "transit", "accessor": accessor},
            }
            for path, accessor in mounts.items()
        ]
        if keys_in:
            resources.append(
                {
                    "urn": urn.format("vault:transit/secretBackendKey:SecretBackendKey", f"{keys_in}-key"),
                    "type": "vault:transit/secretBackendKey:SecretBackendKey",
                    "custom": True,
                    "id": f"{keys_in}/keys/card",
                    "outputs": {"backend": keys_in, "name": "card", "type": "aes256-gcm96"},
                }
            )
        self.now: dict[str, Any] = {"deployment": {"resources": resources}}

    def export(self) -> dict[str, Any]:
        return self.now

    def import_checkpoint(self, checkpoint: Mapping[str, Any]) -> None:
        self.now = dict(checkpoint)

    def ids(self) -> list[str]:
        return [resource["id"] for resource in self.now["deployment"]["resources"]]


@dataclass
class Moving:
    """A mount on a real server, and where it is to go."""

    server: Connection
    old: str
    new: str
    accessor: str

    def run(self, state: State) -> list[str]:
        wanted = Holding(path=self.new, mount=self.new, engine="transit", protected=True)
        said: list[str] = []
        remount(self.server, state, {self.new: wanted}, self.old, self.new, said.append)
        return said

    def is_at(self, path: str) -> bool:
        return f"{path}/" in (self.server.read("sys/mounts") or {})


@pytest.fixture
def moving(sandbox: Sandbox) -> Iterator[Moving]:
    server, mark = Connection(sandbox.vault.root_client()), secrets.token_hex(4)
    old, new = f"transit-{mark}", f"keys-{mark}"
    server.write(f"sys/mounts/{old}", {"type": "transit"})
    yield Moving(server, old, new, (server.read("sys/mounts") or {})[f"{old}/"]["accessor"])
    for path in (old, new):
        server.delete(f"sys/mounts/{path}")


def test_a_mount_that_this_stack_did_not_make_is_not_moved(moving: Moving) -> None:
    for state in (State({}), State({"other": "transit_1"}), State({}, keys_in=moving.old)):
        before = state.ids()
        with pytest.raises(WrongInputError, match="this stack did not make it; run it with the stack that did first"):
            moving.run(state)
        assert (moving.is_at(moving.old), moving.is_at(moving.new), state.ids()) == (True, False, before)


def test_the_stack_that_made_it_moves_it_and_that_of_a_team_follows(moving: Moving) -> None:
    own, team = State({moving.old: moving.accessor}), State({}, keys_in=moving.old)
    moving.run(own)
    assert (moving.is_at(moving.old), moving.is_at(moving.new), own.ids()) == (False, True, [moving.new])
    assert f"server: {moving.new} is there already, with all that was at {moving.old}" in moving.run(team)
    assert team.ids() == [f"{moving.new}/keys/card"]


def test_a_repeat_finds_nothing_to_do_and_one_after_a_cut_writes_the_state(moving: Moving) -> None:
    own = State({moving.old: moving.accessor})
    cut = State({moving.old: moving.accessor})
    moving.run(own)
    assert f"state: nothing in it is at {moving.old} any more" in moving.run(own)
    moving.run(cut)  # the server had moved it, and this state did not know
    assert cut.ids() == [moving.new]
