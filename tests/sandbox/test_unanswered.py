"""Creations whose provider was killed, read from what the engine's event log says of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from strongroom_sandbox.checkpoint import adopt, pending_creates
from strongroom_sandbox.unanswered import with_unanswered

URN = "urn:pulumi:dev::probe::vault:index/mount:Mount::kv"
RESOURCE = {"urn": URN, "type": "vault:index/mount:Mount", "custom": True, "id": "", "inputs": {"path": "kv"}}
STATE: dict[str, Any] = {"version": 3, "deployment": {"resources": [{"urn": "first"}]}}
EOF = "error reading from server: EOF"


def failed(operation: str = "create") -> str:
    return json.dumps({"resOpFailedEvent": {"metadata": {"op": operation, "urn": URN, "new": RESOURCE}}})


def said(message: str) -> str:
    return json.dumps({"diagnosticEvent": {"urn": URN, "message": message, "severity": "error"}}, separators=(",", ":"))


@pytest.mark.parametrize("message", [EOF, 'connection error: desc = "transport: Error while dialing: dial tcp"'])
def test_what_nobody_answered_is_an_interrupted_creation_and_can_be_adopted(message: str) -> None:
    state = with_unanswered(STATE, [said(message), failed()])
    assert [(create.urn, create.id) for create in pending_creates(state)] == [(URN, "kv")]
    adopted = adopt(state, pending_creates(state))["deployment"]
    assert adopted["resources"][-1] == RESOURCE | {"id": "kv", "outputs": {"path": "kv"}}
    assert "pending_operations" not in STATE["deployment"]


@pytest.mark.parametrize(
    "events",
    [
        [],
        [said(EOF)],
        [failed(), said("the server answered 400: path already in use")],
        [failed("update"), said(EOF)],
        [failed(), said(EOF)[:-5]],
    ],
    ids=["none", "only words", "answered", "no creation", "cut short"],
)
def test_whatever_else_happened_is_not(events: list[str]) -> None:
    assert pending_creates(with_unanswered(STATE, events)) == []


def test_what_the_state_has_already_is_left_alone() -> None:
    there = {"deployment": {"resources": [{"urn": URN}]}}
    assert pending_creates(with_unanswered(there, [said(EOF), failed()])) == []
    pending = {"deployment": {"pending_operations": [{"type": "creating", "resource": RESOURCE}]}}
    assert len(pending_creates(with_unanswered(pending, [said(EOF), failed()]))) == 1
