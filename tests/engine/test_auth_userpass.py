"""Userpass auth, deployed and used: an operator sets a password on the server, and the user gets what was granted."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import hvac
import hvac.exceptions
import pytest

from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support.canary import files_with, is_in
from support.deployed import Deployed, deploy

pytestmark = pytest.mark.engine

ENVIRONMENT: Final = "userlogin"
MOUNT: Final = f"bootstrap-{ENVIRONMENT}"
CATALOG: Final[dict[str, Any]] = {
    "team": "payments",
    "workloads": {"setup": {"runs_as": {"userpass": {"username": "ada"}}}},
    "secrets": {"stripe": {"fields": ["api_key"]}, "ledger": {"fields": ["key"]}},
    "grants": [{"workload": "setup", "secret": "stripe", "can": ["read"]}],
}


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed
    project: Path
    password: str

    def login(self, username: str, password: str) -> hvac.Client:
        client = self.sandbox.vault.workload_client()
        client.auth.userpass.login(username, password, mount_point=MOUNT)
        return client

    def make(self, username: str, password: str, **limits: Any) -> None:
        """What an operator does on the server, once for each user."""
        root = self.sandbox.vault.root_client()
        root.auth.userpass.create_or_update_user(username, password, mount_point=MOUNT, **limits)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, toolchain: Toolchain) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("project")
    environment = {
        "environment": ENVIRONMENT,
        "protect": False,
        "default_store": "kv",
        "stores": {"kv": {"vault_kv": {}}},
        "vault": {
            "flavour": sandbox.vault.flavour,
            "auth": {"bootstrap": {"userpass": {"token_ttl": "10m", "token_max_ttl": "30m"}}},
        },
    }
    deployed = deploy(sandbox, toolchain, folder, environment, [CATALOG])
    deployed.deployment.fill(deployed.plan, print)
    made = World(sandbox, deployed, folder, secrets.token_urlsafe(24))
    made.make("ada", made.password)
    yield made
    deployed.engine.destroy()


def _value(client: hvac.Client, secret: str) -> dict[str, str]:
    answer = client.secrets.kv.v2.read_secret_version(
        f"payments/{secret}", mount_point=f"kv-{ENVIRONMENT}", raise_on_deleted_version=False
    )
    return dict(answer["data"]["data"])


def test_a_user_logs_in_and_reads_what_was_granted_and_nothing_else(world: World) -> None:
    client = world.login("ada", world.password)
    assert _value(client, "stripe")
    with pytest.raises(hvac.exceptions.Forbidden):
        _value(client, "ledger")
    assert client.auth.token.lookup_self()["data"]["identity_policies"] == [f"{ENVIRONMENT}.payments.setup"]


def test_a_wrong_password_is_refused(world: World) -> None:
    with pytest.raises(hvac.exceptions.InvalidRequest, match="invalid username or password"):
        world.login("ada", f"{world.password}x")


def test_a_user_whom_nobody_declared_may_do_nothing(world: World) -> None:
    world.make("eve", world.password)
    with pytest.raises(hvac.exceptions.Forbidden):
        _value(world.login("eve", world.password), "stripe")


def test_the_limits_of_the_method_hold_whatever_the_users_entry_says(world: World) -> None:
    world.make("bob", world.password, token_ttl="24h", token_max_ttl="48h")
    assert world.login("bob", world.password).auth.token.lookup_self()["data"]["creation_ttl"] == 1800
    assert world.login("ada", world.password).auth.token.lookup_self()["data"]["creation_ttl"] == 600


def test_a_second_run_reports_no_changes_and_leaves_the_users_alone(world: World) -> None:
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()
    assert _value(world.login("ada", world.password), "stripe")


def test_policies_that_were_added_by_hand_are_found_and_taken_away_again(world: World) -> None:
    root = world.sandbox.vault.root_client()
    root.secrets.identity.create_or_update_entity_by_name(f"{ENVIRONMENT}.bootstrap.ada", policies=["admin"])
    assert world.deployed.up().changed == 1
    policies = root.secrets.identity.read_entity_by_name(f"{ENVIRONMENT}.bootstrap.ada")["data"]["policies"]
    assert policies == [f"{ENVIRONMENT}.payments.setup"]


def test_the_password_is_in_no_plan_state_or_log(world: World) -> None:
    assert not is_in(world.password, world.deployed.plan.as_json() + str(world.deployed.engine.export()))
    assert files_with(world.password, world.project, world.sandbox.directory) == []
