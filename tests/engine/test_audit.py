"""An audit device that a stack declares, made by API and then read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hvac.exceptions
import pytest

from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support.canary import is_in
from support.deployed import Deployed, deploy, write_project
from support.flavours import only_on
from support.workloads import environment, login, runs_as

# On Vault only: OpenBao takes devices from its configuration, as tests/sandbox/servers/vault/test_server.py has it do.
pytestmark = [pytest.mark.engine, only_on("vault")]

NAME = "audited"
DEVICE = f"record-{NAME}/"
VALUE = "a-value-that-no-record-may-hold-7Kq"
CATALOG = {
    "team": "shop",
    "workloads": {"web": runs_as("shop-web"), "batch": runs_as("shop-batch")},
    "secrets": {"smtp": {"fields": ["password"]}, "crm": {"fields": ["key"]}},
    "grants": [
        {"workload": "web", "secret": "smtp", "can": ["read"]},
        {"workload": "batch", "secret": "crm", "can": ["read"]},
    ],
}


def _files(sandbox: Sandbox, **audit: Any) -> dict[str, Any]:
    files = environment(sandbox, NAME, {})
    files["vault"]["audit"] = audit
    return files


@pytest.fixture
def deployed(sandbox: Sandbox, toolchain: Toolchain, tmp_path: Path) -> Iterator[Deployed]:
    files = _files(sandbox, record={"file": {"path": str(tmp_path / "audit.log")}})
    made = deploy(sandbox, toolchain, tmp_path / "project", files, [CATALOG])
    yield made
    made.engine.destroy()  # a device whose file goes away would stop the server


def _devices(sandbox: Sandbox) -> dict[str, Any]:
    listed: dict[str, Any] = sandbox.vault.root_client().sys.list_enabled_audit_devices()["data"]
    return listed


def _entries(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()]


def test_every_request_is_on_record_allowed_or_refused_and_no_value_is(
    sandbox: Sandbox, deployed: Deployed, tmp_path: Path
) -> None:
    log, mount = tmp_path / "audit.log", f"kv-{NAME}"
    root = sandbox.vault.root_client()
    root.secrets.kv.v2.create_or_update_secret("shop/smtp", {"password": VALUE}, mount_point=mount, cas=0)
    web = login(sandbox, deployed, "shop/web")
    read = web.secrets.kv.v2.read_secret_version("shop/smtp", mount_point=mount, raise_on_deleted_version=True)
    assert read["data"]["data"] == {"password": VALUE}
    with pytest.raises(hvac.exceptions.Forbidden):
        web.secrets.kv.v2.read_secret_version("shop/crm", mount_point=mount, raise_on_deleted_version=True)
    answers = [
        (entry["request"]["path"], entry["auth"].get("display_name"), "error" in entry)
        for entry in _entries(log)
        if entry["type"] == "response" and entry["request"]["operation"] == "read"
    ]
    who = f"issuer-{NAME}-shop-web"
    assert (f"{mount}/data/shop/smtp", who, False) in answers
    assert (f"{mount}/data/shop/crm", who, True) in answers
    assert not is_in(VALUE, log.read_bytes())
    assert not is_in(web.token, log.read_bytes())
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_device_moves_with_the_file_it_declares_and_goes_when_nobody_declares_it(
    sandbox: Sandbox, deployed: Deployed, tmp_path: Path
) -> None:
    moved = tmp_path / "moved.log"
    assert _devices(sandbox)[DEVICE]["options"] == {"file_path": str(tmp_path / "audit.log"), "mode": "0600"}
    write_project(tmp_path / "project", _files(sandbox, record={"file": {"path": str(moved)}}), [CATALOG])
    assert deployed.up().changes["replace"] == 1
    assert _devices(sandbox)[DEVICE]["options"]["file_path"] == str(moved)
    assert _entries(moved)
    write_project(tmp_path / "project", _files(sandbox), [CATALOG])
    assert deployed.up().changes["delete"] >= 1
    assert DEVICE not in _devices(sandbox)
