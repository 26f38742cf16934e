"""AppRole, deployed and used: an operator hands a secret id over without seeing it, and it is good as declared only."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import hvac
import hvac.exceptions
import pytest

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support import command
from support.canary import files_with, is_in
from support.deployed import Deployed, deploy

pytestmark = pytest.mark.engine

NAME: Final = "handover"
MOUNT: Final = f"machines-{NAME}"
CATALOG: Final[dict[str, Any]] = {
    "team": "payments",
    "workloads": {
        "batch": {"runs_as": {"approle": {"secret_id_ttl": "10m"}}},
        "twice": {"runs_as": {"approle": {"secret_id_uses": 2, "bound_cidrs": ["127.0.0.0/8"]}}},
        "elsewhere": {"runs_as": {"approle": {"bound_cidrs": ["10.99.0.0/16"]}}},
        "pod": {"runs_as": {"jwt": {"subject": "pod"}}},
    },
    "secrets": {"stripe": {"fields": ["api_key"]}},
    "grants": [{"workload": "batch", "secret": "stripe", "can": ["read"]}],
}
OPERATOR: Final = f"""
path "auth/{MOUNT}/role/+/secret-id" {{
  capabilities = ["update"]
  min_wrapping_ttl = "1s"
  max_wrapping_ttl = "1h"
}}
"""
"""Who may hand secret ids over, and not see them: the server answers wrapped only."""


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed
    project: Path
    operator: str
    home: Path

    def run(self, *arguments: str, token: str = "", stdin: str = "") -> "subprocess.CompletedProcess[str]":
        server = self.sandbox.vault
        variables = {"VAULT_ADDR": server.address, "VAULT_CACERT": str(server.ca_file)}
        variables |= {"VAULT_TOKEN": token} if token else {}
        return command.strongroom(
            "login", *arguments, "--stack", NAME,
            cwd=self.project, environment=command.environment(self.home, **variables), stdin=stdin.encode(),
        )  # fmt: skip

    def sent(self, workload: str, *options: str) -> str:
        """The token that the operator sends."""
        done = self.run("secret-id", f"payments/{workload}", *options, token=self.operator)
        assert done.returncode == 0, done.stderr
        (token,) = done.stdout.splitlines()
        return token

    def fetched(self, token: str, workload: str, out: Path) -> "subprocess.CompletedProcess[str]":
        """What the one whom it is for does."""
        path = f"auth/{MOUNT}/role/payments.{workload}/secret-id"
        return self.run("unwrap", path, "--out", str(out), stdin=token)

    def secret_id(self, workload: str, folder: Path) -> str:
        out = folder / f"{workload}.json"
        done = self.fetched(self.sent(workload), workload, out)
        assert done.returncode == 0, done.stderr
        return str(json.loads(out.read_text())["secret_id"])

    def login(self, workload: str, secret_id: str) -> hvac.Client:
        root, client = self.sandbox.vault.root_client(), self.sandbox.vault.workload_client()
        role_id = root.auth.approle.read_role_id(f"payments.{workload}", mount_point=MOUNT)["data"]["role_id"]
        client.auth.approle.login(role_id, secret_id, mount_point=MOUNT)
        return client


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, toolchain: Toolchain, flavour: Flavour
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("project")
    issuer = {"audiences": ["v"], "oidc_discovery_url": sandbox.issuer.url, "ca_pem": sandbox.issuer.ca_pem}
    environment = {
        "environment": NAME,
        "protect": False,
        "default_store": "kv",
        "stores": {"kv": {"vault_kv": {}}},
        "vault": {
            "flavour": flavour,
            "auth": {
                "machines": {"approle": {"token_ttl": "5m", "token_max_ttl": "10m"}},
                "pods": {"jwt": {**issuer, "accepts": ["jwt"]}},
            },
        },
    }
    deployed = deploy(sandbox, toolchain, folder, environment, [CATALOG])
    deployed.deployment.fill(deployed.plan, print)
    root = sandbox.vault.root_client()
    root.sys.create_or_update_policy(f"{NAME}-operator", OPERATOR)
    operator = root.auth.token.create(policies=[f"{NAME}-operator"])["auth"]["client_token"]
    yield World(sandbox, deployed, folder, operator, tmp_path_factory.mktemp("home"))
    root.auth.token.revoke(operator)
    root.sys.delete_policy(f"{NAME}-operator")
    deployed.engine.destroy()


def test_a_secret_id_is_handed_over_wrapped_and_logs_in_once_with_what_was_granted(
    world: World, tmp_path: Path
) -> None:
    secret_id = world.secret_id("batch", tmp_path)
    assert (tmp_path / "batch.json").stat().st_mode & 0o777 == 0o600
    client = world.login("batch", secret_id)
    answer = client.secrets.kv.v2.read_secret_version(
        "payments/stripe", mount_point=f"kv-{NAME}", raise_on_deleted_version=False
    )
    assert answer["data"]["data"]
    told = client.auth.token.lookup_self()["data"]
    assert (told["creation_ttl"], told["policies"]) == (300, [f"{NAME}.payments.batch"])
    assert told["meta"]["workload"] == "payments/batch"
    with pytest.raises(hvac.exceptions.InvalidRequest):
        world.login("batch", secret_id)


def test_the_operator_who_hands_it_over_cannot_have_it_unwrapped(world: World) -> None:
    operator = world.sandbox.vault.workload_client()
    operator.token = world.operator
    with pytest.raises(hvac.exceptions.VaultError):
        operator.auth.approle.generate_secret_id("payments.batch", mount_point=MOUNT)


def test_what_was_fetched_on_the_way_is_found_out(world: World, tmp_path: Path) -> None:
    token = world.sent("batch")
    assert world.fetched(token, "batch", tmp_path / "thief.json").returncode == 0
    late = world.fetched(token, "batch", tmp_path / "mine.json")
    assert late.returncode == 1
    assert "somebody has the secret" in late.stderr
    assert not (tmp_path / "mine.json").exists()


def test_a_token_that_was_put_in_its_place_is_found_out_and_not_used_up(world: World, tmp_path: Path) -> None:
    root = world.sandbox.vault.root_client()
    wrapped = root.adapter.post("/v1/sys/wrapping/wrap", json={"secret_id": "forged"}, wrap_ttl="60s")
    forged = wrapped["wrap_info"]["token"]
    done = world.fetched(forged, "batch", tmp_path / "mine.json")
    assert done.returncode == 1
    assert "made at sys/wrapping/wrap and not at" in done.stderr
    assert forged not in done.stderr + done.stdout
    assert not (tmp_path / "mine.json").exists()
    other = world.sent("twice")
    assert "and not at" in world.fetched(other, "batch", tmp_path / "mine.json").stderr
    assert world.fetched(other, "twice", tmp_path / "own.json").returncode == 0


def test_the_token_says_where_it_was_made_and_lasts_as_long_as_asked(world: World) -> None:
    token = world.sent("batch", "--wrap-ttl", "2m")
    told = world.sandbox.vault.workload_client().adapter.post("/v1/sys/wrapping/lookup", json={"token": token})["data"]
    assert told["creation_path"] == f"auth/{MOUNT}/role/payments.batch/secret-id"
    assert told["creation_ttl"] == 120


def test_uses_and_networks_hold_on_the_server(world: World, tmp_path: Path) -> None:
    twice = world.secret_id("twice", tmp_path)
    assert world.login("twice", twice).auth.token.lookup_self()["data"]["bound_cidrs"] == ["127.0.0.0/8"]
    world.login("twice", twice)
    with pytest.raises(hvac.exceptions.InvalidRequest):
        world.login("twice", twice)
    with pytest.raises(hvac.exceptions.VaultError):
        world.login("elsewhere", world.secret_id("elsewhere", tmp_path))


def test_a_secret_id_waits_as_long_as_declared(world: World) -> None:
    role = world.sandbox.vault.root_client().auth.approle.read_role("payments.batch", mount_point=MOUNT)["data"]
    assert (role["secret_id_ttl"], role["secret_id_num_uses"], role["bind_secret_id"]) == (600, 1, True)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("payments/bacth",), "no workload payments/bacth of this stack logs in with AppRole; did you mean"),
        (("payments/pod",), "no workload payments/pod of this stack logs in with AppRole"),
        (("payments/batch", "--wrap-ttl", "1h"), "lower --wrap-ttl"),
        (("payments/batch", "--wrap-ttl", "soon"), "--wrap-ttl needs a duration"),
    ],
)
def test_what_cannot_be_handed_over_is_refused_before_the_server_is_asked(
    world: World, arguments: tuple[str, ...], problem: str
) -> None:
    done = world.run("secret-id", *arguments, token="no-token-of-this-server")
    assert done.returncode == 2
    assert problem in done.stderr


def test_a_token_among_the_arguments_is_refused_and_not_repeated(world: World, tmp_path: Path) -> None:
    token = world.sent("batch")
    done = world.run("unwrap", "some/path", token, "--out", str(tmp_path / "mine.json"), stdin=token)
    assert done.returncode == 2
    assert "ask for another" in done.stderr
    assert token not in done.stderr + done.stdout


def test_nothing_is_fetched_into_a_file_that_is_there(world: World, tmp_path: Path) -> None:
    token, out = world.sent("batch"), tmp_path / "there.json"
    out.write_text("mine")
    assert world.fetched(token, "batch", out).returncode == 2
    assert out.read_text() == "mine"
    assert world.fetched(token, "batch", tmp_path / "new.json").returncode == 0


def test_neither_secret_id_nor_token_is_in_plan_state_or_log(world: World, tmp_path: Path) -> None:
    token = world.sent("batch")
    done = world.fetched(token, "batch", tmp_path / "mine.json")
    secret_id = json.loads((tmp_path / "mine.json").read_text())["secret_id"]
    assert world.deployed.up().changed == 0
    for secret in (token, secret_id):
        assert not is_in(secret, done.stdout + done.stderr)
        assert not is_in(secret, world.deployed.plan.as_json() + str(world.deployed.engine.export()))
        assert files_with(secret, world.project, world.sandbox.directory, world.home) == []
