"""Taking protection away: from what may be lost, at the server where that locks it too, and then in the state."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import hvac
import pytest
import requests

from strongroom.safeguards.findings import Finding
from strongroom.safeguards.release import release
from strongroom.vault.connection import Connection, ServerError
from support.http import Answer, Request, serving

CARD, CODE = "transit-dev/keys/payments.card", "totp-dev/keys/payments.code"
TRANSIT = Finding(path=CARD, engine="transit", change="", loses="", removes=True)
TOTP = Finding(path=CODE, engine="totp", change="", loses="", removes=True)


class State:
    """A state with both keys, protected."""

    def __init__(self) -> None:
        urn = "urn:pulumi:dev::strongroom::{}::{}"
        resources = [
            {"urn": urn.format("t", path), "type": "t", "custom": True, "id": path, "protect": True}
            for path in (CARD, CODE)
        ]
        self.now: dict[str, Any] = {"deployment": {"resources": resources}}

    def export(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(json.dumps(self.now))
        return found

    def import_checkpoint(self, checkpoint: Mapping[str, Any]) -> None:
        self.now = dict(checkpoint)

    def protected(self) -> list[str]:
        return [r["id"] for r in self.now["deployment"]["resources"] if r.get("protect")]


class Server:
    """Has one key, and says whether it may be written to."""

    def __init__(self, status: int = 200) -> None:
        self.asked: list[tuple[str, Any]] = []
        self._status = status

    def respond(self, request: Request) -> Answer:
        self.asked.append((request.path.removeprefix("/v1/"), request.body))
        return Answer({"data": None} if self._status == 200 else {"errors": ["no"]}, self._status)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        with serving(self.respond) as url, requests.Session() as session:
            session.trust_env = False
            yield Connection(hvac.Client(url=url, token="t", session=session))


def test_the_server_is_told_of_transit_keys_only_and_the_state_of_all() -> None:
    state, server, said = State(), Server(), list[str]()
    with server.connection() as connection:
        release(state, connection, [TRANSIT, TOTP], said.append)
    assert server.asked == [(f"{CARD}/config", {"deletion_allowed": True})]
    assert state.protected() == []
    assert said == [f"the server may delete {CARD}", f"unprotected: {CARD}", f"unprotected: {CODE}"]


def test_a_server_that_refuses_leaves_the_state_as_it_was() -> None:
    state, server = State(), Server(status=500)
    with server.connection() as connection, pytest.raises(ServerError):
        release(state, connection, [TOTP, TRANSIT], print)
    assert state.protected() == [CARD, CODE]


def test_without_a_server_what_it_still_locks_is_said() -> None:
    state, said = State(), list[str]()
    release(state, None, [TRANSIT, TOTP], said.append)
    assert said[0] == f"still protected by the server: write deletion_allowed=true to {CARD}/config"
    assert [line for line in said if CODE in line] == [f"unprotected: {CODE}"]
