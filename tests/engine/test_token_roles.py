"""Token roles, deployed and used: a scheduler makes tokens for its jobs, within what the role says and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import hvac
import hvac.exceptions
import pytest

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support.canary import files_with, is_in
from support.deployed import Deployed, deploy
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

NAME: Final = "tokenroles"
CATALOG: Final[dict[str, Any]] = {
    "team": "payments",
    "workloads": {"scheduler": runs_as("scheduler"), "job": runs_as("job"), "other": runs_as("other")},
    "secrets": {"stripe": {"fields": ["api_key"]}, "ledger": {"fields": ["key"]}},
    "grants": [
        {"workload": "job", "secret": "stripe", "can": ["read"]},
        {"workload": "other", "secret": "ledger", "can": ["read"]},
    ],
}
ROLES: Final[dict[str, Any]] = {
    "jobs": {
        "creators": ["payments/scheduler"],
        "allowed_policies": ["payments/job"],
        "explicit_max_ttl": "10m",
        "renewable": False,
    },
    "agents": {
        "creators": ["payments/scheduler"],
        "allowed_policies_glob": ["payments.*"],
        "disallowed_policies": ["payments/other"],
        "orphan": True,
        "period": "1h",
    },
    "bursts": {
        "creators": ["payments/scheduler"],
        "allowed_policies": ["payments/job"],
        "type": "batch",
        "orphan": True,
        "renewable": False,
    },
    "elsewhere": {
        "creators": ["payments/scheduler"],
        "allowed_policies": ["payments/job"],
        "explicit_max_ttl": "10m",
        "bound_cidrs": ["10.99.0.0/16"],
        "num_uses": 3,
    },
}


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed
    project: Path

    def scheduler(self) -> hvac.Client:
        return login(self.sandbox, self.deployed, "payments/scheduler")

    def make(self, role: str, client: hvac.Client | None = None, **asked: Any) -> dict[str, Any]:
        """A new token and what the server says of it."""
        maker = client or self.scheduler()
        answer = maker.auth.token.create(role_name=f"{NAME}.{role}", **asked)
        made: dict[str, Any] = answer["auth"]
        return made

    def client(self, token: str) -> hvac.Client:
        client = self.sandbox.vault.workload_client()
        client.token = token
        return client


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, toolchain: Toolchain, flavour: Flavour
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("project")
    declared = environment(sandbox, NAME, {})
    declared["vault"] |= {"flavour": flavour, "token_roles": ROLES}
    deployed = deploy(sandbox, toolchain, folder, declared, [CATALOG])
    deployed.deployment.fill(deployed.plan, print)
    yield World(sandbox, deployed, folder)
    deployed.engine.destroy()


def _value(client: hvac.Client, secret: str) -> dict[str, str]:
    answer = client.secrets.kv.v2.read_secret_version(
        f"payments/{secret}", mount_point=f"kv-{NAME}", raise_on_deleted_version=False
    )
    return dict(answer["data"]["data"])


def test_a_token_has_what_the_role_allows_and_its_maker_has_not(world: World) -> None:
    scheduler = world.scheduler()
    with pytest.raises(hvac.exceptions.Forbidden):
        _value(scheduler, "stripe")
    made = world.make("jobs", scheduler)
    assert made["token_policies"] == [f"{NAME}.payments.job"]
    job = world.client(made["client_token"])
    assert _value(job, "stripe")
    with pytest.raises(hvac.exceptions.Forbidden):
        _value(job, "ledger")


@pytest.mark.parametrize(
    ("role", "policy"),
    [
        ("jobs", f"{NAME}.payments.other"),
        ("jobs", f"{NAME}.payments.scheduler"),
        ("jobs", "default"),
        ("jobs", "root"),
        ("agents", f"{NAME}.payments.other"),
        ("agents", "prod.payments.job"),
        ("agents", "root"),
        ("bursts", f"{NAME}.payments.other"),
    ],
)
def test_a_policy_that_is_not_allowed_or_is_disallowed_is_refused(world: World, role: str, policy: str) -> None:
    with pytest.raises(hvac.exceptions.VaultError, match="polic"):
        world.make(role, policies=[policy])


def test_a_glob_allows_the_teams_policies_of_this_environment(world: World) -> None:
    made = world.make("agents", policies=[f"{NAME}.payments.job"])
    assert made["token_policies"] == [f"{NAME}.payments.job"]


def test_who_is_no_creator_makes_no_tokens(world: World) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        world.make("jobs", login(world.sandbox, world.deployed, "payments/job"))


def test_a_creator_makes_none_without_a_role_or_with_another(world: World) -> None:
    for make in (
        lambda: world.scheduler().auth.token.create(policies=[f"{NAME}.payments.job"]),
        lambda: world.scheduler().auth.token.create(role_name="another"),
    ):
        with pytest.raises(hvac.exceptions.Forbidden):
            make()


def test_lifetimes_hold_whatever_is_asked_for(world: World) -> None:
    made = world.make("jobs", ttl="24h", explicit_max_ttl="24h")
    assert made["lease_duration"] == 600
    assert not made["renewable"]
    with pytest.raises(hvac.exceptions.InvalidRequest):
        world.client(made["client_token"]).auth.token.renew_self()
    periodic = world.make("agents", policies=[f"{NAME}.payments.job"])
    told = world.client(periodic["client_token"]).auth.token.lookup_self()["data"]
    assert (told["creation_ttl"], told["explicit_max_ttl"], told["orphan"]) == (3600, 0, True)
    assert world.client(periodic["client_token"]).auth.token.renew_self()["auth"]["lease_duration"] == 3600


def test_an_orphan_outlives_its_maker_and_another_does_not(world: World) -> None:
    scheduler = world.scheduler()
    orphan = world.make("agents", scheduler, policies=[f"{NAME}.payments.job"])["client_token"]
    child = world.make("jobs", scheduler)["client_token"]
    scheduler.auth.token.revoke_self()
    assert _value(world.client(orphan), "stripe")
    with pytest.raises(hvac.exceptions.Forbidden):
        _value(world.client(child), "stripe")


def test_a_batch_token_works_and_is_kept_by_nobody(world: World) -> None:
    made = world.make("bursts")
    assert made["token_type"] == "batch"
    assert not made["accessor"]
    assert _value(world.client(made["client_token"]), "stripe")


def test_a_token_is_of_no_use_outside_its_networks(world: World) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        _value(world.client(world.make("elsewhere")["client_token"]), "stripe")


def test_a_role_that_was_widened_by_hand_is_found_and_narrowed_again(world: World) -> None:
    root, path = world.sandbox.vault.root_client(), f"auth/token/roles/{NAME}.jobs"
    root.write_data(path, data={"allowed_policies": [f"{NAME}.payments.job", f"{NAME}.payments.other"]})
    assert world.deployed.up().changed == 1
    assert root.read(path)["data"]["allowed_policies"] == [f"{NAME}.payments.job"]


def test_a_second_run_reports_no_changes_and_no_token_is_in_state_or_log(world: World) -> None:
    token = world.make("jobs")["client_token"]
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()
    assert not is_in(token, world.deployed.plan.as_json() + str(world.deployed.engine.export()))
    assert files_with(token, world.project, world.sandbox.directory) == []
