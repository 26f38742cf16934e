"""One-time codes: those who may have them get them, those who check them make none, and nobody sees a key."""

import base64
import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import hvac
import hvac.exceptions
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support import canary, command
from support.deployed import Deployed, deploy, write_project
from support.sandbox import running, without_cluster
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

MOUNT = "totp-codes"
LABEL = {"issuer": "Acme payouts", "account": "approver"}
BY_HAND = {"issuer": "Acme payouts", "account_name": "approver"}
"""The same in the words of the API."""


def _catalog(**changed: Any) -> dict[str, Any]:
    return {
        "team": "payments",
        "workloads": {name: runs_as(name) for name in ("approver", "payout", "stranger")},
        "secrets": {
            "approval": {"totp": {**LABEL, "digits": 8, "period": "5m", **changed}},
            "other": {"totp": {**LABEL, "period": "5m"}},
            "bank": {"totp": {**LABEL, "origin": "shared", "period": "5m"}},
        },
        "grants": [
            {"workload": "approver", "secret": "approval", "can": ["code"]},
            {"workload": "payout", "secret": "approval", "can": ["validate"]},
            {"workload": "payout", "secret": "bank", "can": ["code"]},
        ],
    }


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed
    files: dict[str, Any]

    def client(self, workload: str) -> hvac.Client:
        return login(self.sandbox, self.deployed, f"payments/{workload}")

    def code(self, workload: str = "approver") -> str:
        return str(self.client(workload).read(f"{MOUNT}/code/payments.approval")["data"]["code"])

    def valid(self, code: str, workload: str = "payout") -> bool:
        answer = self.client(workload).write_data(f"{MOUNT}/code/payments.approval", data={"code": code})
        return bool(answer["data"]["valid"])

    def values(self, home: Path, *arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[str]":
        """`strongroom values`, as an operator who may write keys and see nothing else."""
        root, vault = self.sandbox.vault.root_client(), self.sandbox.vault
        root.sys.create_or_update_policy(
            "totp-operator", f'path "{MOUNT}/keys/*" {{ capabilities = ["create", "update", "read", "delete"] }}'
        )
        token = root.auth.token.create(policies=["totp-operator"], no_default_policy=True)["auth"]["client_token"]
        variables = {"VAULT_ADDR": vault.address, "VAULT_CACERT": str(vault.ca_file), "VAULT_TOKEN": token}
        return command.strongroom(
            *("values", *arguments, "--stack", "codes", "--config-file", str(self.deployed.engine.config_file)),
            cwd=self.deployed.deployment.project,
            environment=command.environment(home, **variables),
            stdin=stdin,
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, flavour: Flavour) -> Iterator[World]:
    with running(tmp_path_factory.mktemp("servers"), *without_cluster(flavour), flavour=flavour) as sandbox:
        files = environment(sandbox, "codes", {"totp": {}}) | {"protect": True}
        folder = tmp_path_factory.mktemp("project")
        yield World(sandbox, deploy(sandbox, toolchain, folder, files, [_catalog()]), files)


def test_a_code_is_made_by_one_workload_and_checked_by_another_once(world: World) -> None:
    code = world.code()
    assert re.fullmatch("[0-9]{8}", code)
    assert world.valid(code)
    # A code is spent when it was checked: RFC 6238, section 5.2.
    with pytest.raises(hvac.exceptions.InvalidRequest, match="already used"):
        world.valid(code)


def test_a_wrong_code_is_not_valid(world: World) -> None:
    assert not world.valid(str(10**8 - 1 - int(world.code())).zfill(8))


def test_who_checks_codes_makes_none_and_who_has_them_checks_none(world: World) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        world.code("payout")
    with pytest.raises(hvac.exceptions.Forbidden):
        world.valid("00000000", "approver")
    for use in (world.code, lambda workload: world.valid("00000000", workload)):
        with pytest.raises(hvac.exceptions.Forbidden):
            use("stranger")


@pytest.mark.parametrize("name", ["payments.approval", "payments.mine"])
def test_no_workload_makes_or_replaces_a_key(world: World, name: str) -> None:
    for workload in ("approver", "payout"):
        with pytest.raises(hvac.exceptions.Forbidden):
            world.client(workload).write_data(f"{MOUNT}/keys/{name}", data={"generate": True, **BY_HAND})


def test_a_key_that_another_service_gave_is_brought_and_makes_the_codes_of_rfc_6238(
    world: World, tmp_path: Path
) -> None:
    secret = b"canary-of-a-shared-k"
    shown = base64.b32encode(secret).decode()
    for arguments, stdin in (
        (["generate", "payments/bank"], b""),
        (["put", "payments/bank/key"], b"otpauth://totp/x?secret=" + shown.encode()),
    ):
        refused = world.values(tmp_path, *arguments, stdin=stdin)
        assert refused.returncode != 0
        assert shown not in refused.stdout + refused.stderr
    groups = " ".join(shown[start : start + 4].lower() for start in range(0, len(shown), 4))
    done = world.values(tmp_path, "put", "payments/bank/key", stdin=groups.encode())
    assert done.returncode == 0, done.stderr

    ours, before = TOTP(secret, 6, SHA1(), 300), int(time.time())  # noqa: S303  the usual one of TOTP
    code = world.client("payout").read(f"{MOUNT}/code/payments.bank")["data"]["code"]
    assert code in {ours.generate(moment).decode() for moment in (before, int(time.time()))}

    assert world.deployed.up().changed == 0
    status = world.values(tmp_path, "status")
    assert "payments/bank" in status.stdout
    for value in (shown, groups, secret.decode()):
        assert not canary.is_in(value, done.stdout + done.stderr + status.stdout)
        assert not canary.files_with(value, world.sandbox.directory, world.deployed.engine.work, tmp_path)
        assert not canary.is_in(value, json.dumps(world.deployed.engine.export()))

    assert world.values(tmp_path, "rm", "payments/bank", "--yes").returncode != 0
    assert world.values(tmp_path, "rm", "payments/bank", "--destroy", "--yes").returncode == 0
    assert world.sandbox.vault.root_client().read(f"{MOUNT}/keys/payments.bank") is None


def test_a_second_run_keeps_the_keys_and_none_is_in_state_or_logs(world: World) -> None:
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()
    state = json.dumps(world.deployed.engine.export())
    assert "payments.approval" in state
    # What a server says of a key that it shows: its URL, or a picture of it.
    assert "otpauth" not in state
    assert not canary.files_with("otpauth://", world.sandbox.directory, world.deployed.engine.work)
    assert "barcode" not in state


def _redeploy(world: World, **changed: Any) -> None:
    write_project(world.deployed.deployment.project, world.files, [_catalog(**changed)])


def test_a_change_that_would_make_another_key_is_refused_and_the_key_is_kept(world: World) -> None:
    code = world.code()
    _redeploy(world, digits=6)
    result = world.deployed.engine.up("--suppress-outputs", check=False)
    assert result.exit_code != 0
    assert "protect" in result.console.read_text()
    _redeploy(world)
    assert world.deployed.up().changed == 0
    assert len(world.code()) == len(code) == 8


def test_a_key_that_somebody_replaced_by_hand_is_found(world: World) -> None:
    client = world.sandbox.vault.root_client()
    client.write_data(f"{MOUNT}/keys/payments.other", data={"generate": True, "exported": False, **BY_HAND})
    result = world.deployed.engine.up("--refresh", "--suppress-outputs", check=False)
    assert result.exit_code != 0
    assert "payments.other" in result.console.read_text()
