"""Locks and interrupted creations, read from what a killed Pulumi left."""

from __future__ import annotations

import datetime
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from strongroom_sandbox.checkpoint import Lock, PendingCreate, adopt, locks, pending_creates, pending_others


def checkpoint(kind: str, inputs: dict[str, Any], operation: str = "creating") -> dict[str, Any]:
    resource = {"urn": f"urn:pulumi:dev::probe::{kind}::it", "type": kind, "inputs": inputs}
    return {"deployment": {"pending_operations": [{"resource": resource, "type": operation}]}}


@pytest.mark.parametrize(
    ("kind", "inputs", "expected"),
    [
        ("vault:index/mount:Mount", {"path": "kv-dev", "type": "kv"}, "kv-dev"),
        ("vault:index/mount:Mount", {"path": "teams/kv/"}, "teams/kv"),
        ("vault:index/authBackend:AuthBackend", {"path": "approle-dev", "type": "approle"}, "approle-dev"),
        ("vault:index/authBackend:AuthBackend", {"type": "approle"}, "approle"),
        ("vault:jwt/authBackend:AuthBackend", {"path": "jwt-dev"}, "jwt-dev"),
        ("vault:index/audit:Audit", {"path": "file-1", "type": "file"}, "file-1"),
        ("vault:index/audit:Audit", {"type": "file"}, "file"),
    ],
)
def test_an_interrupted_creation_that_cannot_be_repeated_has_the_id_it_would_have_got(
    kind: str, inputs: dict[str, Any], expected: str
) -> None:
    assert pending_creates(checkpoint(kind, inputs)) == [
        PendingCreate(f"urn:pulumi:dev::probe::{kind}::it", kind, expected)
    ]


@pytest.mark.parametrize("path", [None, "", {"4dabf18193072939515e22adb298388d": "secret"}])
def test_a_creation_whose_path_is_not_known_has_no_id(path: object) -> None:
    assert pending_creates(checkpoint("vault:index/mount:Mount", {"path": path}))[0].id is None


def test_the_creation_of_a_replacement_has_no_id_while_the_old_resource_is_there() -> None:
    state = checkpoint("vault:index/mount:Mount", {"path": "kv"})
    state["deployment"]["resources"] = [{"urn": "urn:pulumi:dev::probe::vault:index/mount:Mount::it"}]
    assert pending_creates(state)[0].id is None


def test_an_adopted_creation_becomes_the_last_resource_and_the_rest_stays() -> None:
    state = checkpoint("vault:index/mount:Mount", {"path": "kv"})
    other = checkpoint("vault:index/policy:Policy", {"name": "p"})["deployment"]["pending_operations"]
    state["deployment"] |= {"resources": [{"urn": "first"}]}
    state["deployment"]["pending_operations"] += other
    before = json.dumps(state)
    result = adopt(state, [create for create in pending_creates(state) if create.id])["deployment"]
    assert result["pending_operations"] == other
    assert result["resources"][0] == {"urn": "first"}
    assert result["resources"][1]["id"] == "kv"
    assert result["resources"][1]["outputs"] == result["resources"][1]["inputs"] == {"path": "kv"}
    assert json.dumps(state) == before, "the given checkpoint is left alone"


def test_a_creation_that_can_be_repeated_has_no_id() -> None:
    assert pending_creates(checkpoint("vault:index/policy:Policy", {"name": "p"}))[0].id is None


@pytest.mark.parametrize("operation", ["updating", "deleting", "reading"])
def test_other_interrupted_operations_are_not_creations(operation: str) -> None:
    state = checkpoint("vault:index/mount:Mount", {"path": "kv"}, operation)
    assert pending_creates(state) == []
    assert pending_others(state) == [("urn:pulumi:dev::probe::vault:index/mount:Mount::it", operation)]


@pytest.mark.parametrize("empty", [{}, {"deployment": {}}, {"deployment": {"pending_operations": None}}], ids=repr)
def test_a_state_without_interrupted_operations_has_none(empty: dict[str, Any]) -> None:
    assert pending_creates(empty) == []
    assert pending_others(empty) == []


def write_lock(backend: Path, *, pid: int, host: str | None = None, created: datetime.datetime | None = None) -> Path:
    folder = backend / ".pulumi" / "locks" / "organization" / "probe" / "dev"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{pid}.json"
    moment = created or datetime.datetime.now(datetime.UTC)
    path.write_text(
        json.dumps(
            {
                "pid": pid,
                "username": "somebody",
                "hostname": host or socket.gethostname(),
                "timestamp": moment.isoformat(),
            }
        )
    )
    return path


def dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def test_the_lock_of_a_dead_process_is_stale(tmp_path: Path) -> None:
    write_lock(tmp_path, pid=dead_pid())
    assert [lock.is_stale() for lock in locks(tmp_path, "probe", "dev")] == [True]


def test_the_lock_of_a_live_process_is_not_stale(tmp_path: Path) -> None:
    write_lock(tmp_path, pid=os.getpid())
    assert [lock.is_stale() for lock in locks(tmp_path, "probe", "dev")] == [False]


def test_the_lock_of_another_host_is_never_stale(tmp_path: Path) -> None:
    write_lock(tmp_path, pid=dead_pid(), host="another-host")
    assert [lock.is_stale() for lock in locks(tmp_path, "probe", "dev")] == [False]


def test_a_lock_that_is_older_than_the_process_with_its_number_is_stale(tmp_path: Path) -> None:
    write_lock(tmp_path, pid=os.getpid(), created=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    assert [lock.is_stale() for lock in locks(tmp_path, "probe", "dev")] == [True]


def test_a_timestamp_with_nanoseconds_is_read_as_pulumi_writes_it(tmp_path: Path) -> None:
    path = write_lock(tmp_path, pid=1)
    path.write_text(
        path.read_text().replace('"timestamp": "', '"timestamp": "2026-11-24T06:35:33.551584085Z", "was": "')
    )
    assert Lock.read(path).created.microsecond == 551584


def test_a_stack_without_locks_has_none(tmp_path: Path) -> None:
    assert locks(tmp_path, "probe", "dev") == []


def test_a_lock_file_that_is_none_is_an_error_with_its_path(tmp_path: Path) -> None:
    path = write_lock(tmp_path, pid=1)
    path.write_text("{}")
    with pytest.raises(ValueError, match=str(path)):
        locks(tmp_path, "probe", "dev")
