"""A KV version 1 store, deployed by the real engine and used by workloads."""

import json
from pathlib import Path
from typing import Any

import hvac.exceptions
import pytest

from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support import canary
from support.deployed import Deployed, deploy, write_project
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

MOUNT = "old-legacy"
CANARY = "kv-v1-canary-of-a-password-83b1"
CATALOG: dict[str, Any] = {
    "team": "shop",
    "workloads": {name: runs_as(name) for name in ("reader", "writer", "cleaner")},
    "secrets": {"smtp": {"fields": ["password"]}, "ldap": {"fields": ["password"]}},
    "grants": [
        {"workload": "reader", "secret": "smtp", "can": ["read"]},
        {"workload": "writer", "secret": "smtp", "can": ["write"]},
        {"workload": "cleaner", "secret": "smtp", "can": ["delete"]},
    ],
}


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Deployed:
    legacy = {**environment(sandbox, "legacy", {}), "default_store": "old", "stores": {"old": {"vault_kv_v1": {}}}}
    return deploy(sandbox, toolchain, tmp_path_factory.mktemp("legacy"), legacy, [CATALOG])


def test_each_workload_does_what_it_was_granted_and_nothing_else(sandbox: Sandbox, deployed: Deployed) -> None:
    path, other = f"{MOUNT}/shop/smtp", f"{MOUNT}/shop/ldap"
    sandbox.vault.root_client().write_data(other, data={"password": CANARY})
    reader, writer, cleaner = (login(sandbox, deployed, f"shop/{name}") for name in ("reader", "writer", "cleaner"))
    writer.write_data(path, data={"password": CANARY})
    writer.write_data(path, data={"password": CANARY, "user": "mail"})
    assert reader.read(path)["data"] == {"password": CANARY, "user": "mail"}
    for client in (writer, cleaner):
        with pytest.raises(hvac.exceptions.Forbidden):
            client.read(path)
    for client in (reader, cleaner):
        with pytest.raises(hvac.exceptions.Forbidden):
            client.write_data(path, data={"password": "x"})
    for client in (reader, writer):
        with pytest.raises(hvac.exceptions.Forbidden):
            client.delete(path)
    for client in (reader, writer, cleaner):
        with pytest.raises(hvac.exceptions.Forbidden):
            client.read(other)
        with pytest.raises(hvac.exceptions.Forbidden):
            client.list(f"{MOUNT}/shop")
    cleaner.delete(path)
    assert reader.read(path) is None


def test_another_up_changes_nothing_and_keeps_what_is_stored(sandbox: Sandbox, deployed: Deployed) -> None:
    operator = sandbox.vault.root_client()
    operator.write_data(f"{MOUNT}/shop/kept", data={"password": CANARY})
    result = deployed.up()
    assert result.changed == 0, result.console.read_text()
    assert operator.read(f"{MOUNT}/shop/kept")["data"] == {"password": CANARY}
    assert operator.sys.list_mounted_secrets_engines()["data"][f"{MOUNT}/"]["options"] == {"version": "1"}


def test_no_value_is_in_state_plan_or_logs(sandbox: Sandbox, deployed: Deployed) -> None:
    sandbox.vault.root_client().write_data(f"{MOUNT}/shop/smtp", data={"password": CANARY})
    deployed.up()
    assert canary.files_with(CANARY, sandbox.directory, deployed.deployment.project) == []
    assert not canary.is_in(CANARY, deployed.plan.as_json())
    assert not canary.is_in(CANARY, json.dumps(deployed.engine.export()))


def test_a_mount_made_by_hand_is_adopted_with_all_that_is_in_it(
    sandbox: Sandbox, toolchain: Toolchain, tmp_path: Path
) -> None:
    """As docs/vault/kv.md says."""
    operator = sandbox.vault.root_client()
    operator.sys.enable_secrets_engine("kv", path="by-hand")
    operator.write_data("by-hand/apps/smtp", data={"password": CANARY})
    accessor = operator.sys.list_mounted_secrets_engines()["data"]["by-hand/"]["accessor"]
    adopting = environment(sandbox, "adopting", {})
    deployed = deploy(sandbox, toolchain, tmp_path, adopting)
    adopting["stores"]["old"] = {"vault_kv_v1": {"mount": "by-hand"}}
    write_project(tmp_path, adopting, [])
    file = tmp_path / "adopt.json"
    engine = {"type": "strongroom:index:VaultKvV1Engine", "name": "by-hand", "component": True}
    mount = {"type": "vault:index/mount:Mount", "name": "by-hand-mount", "id": "by-hand", "parent": "by-hand"}
    file.write_text(json.dumps({"resources": [engine, mount]}), "utf-8")
    deployed.engine.import_file(file)
    deployed.up()  # sets the description and says the version
    assert deployed.up().changed == 0
    assert operator.read("by-hand/apps/smtp")["data"] == {"password": CANARY}
    assert operator.sys.list_mounted_secrets_engines()["data"]["by-hand/"]["accessor"] == accessor
    assert not canary.is_in(CANARY, json.dumps(deployed.engine.export()))
