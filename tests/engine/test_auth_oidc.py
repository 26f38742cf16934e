"""OIDC auth, deployed and used: people log in through a browser, and get what their groups were granted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import hvac
import hvac.exceptions
import pytest

from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support.canary import files_with, is_in
from support.deployed import Deployed, deploy
from support.oidc_provider import OidcProvider

pytestmark = pytest.mark.engine

ENVIRONMENT: Final = "oidclogin"
MOUNT: Final = f"people-{ENVIRONMENT}"
CALLBACK: Final = "http://localhost:8250/oidc/callback"
OPERATORS: Final = "Payments Operators"
CATALOG: Final[dict[str, Any]] = {
    "team": "payments",
    "workloads": {
        "operators": {"runs_as": {"people": {"group": OPERATORS}}},
        "auditors": {"runs_as": {"people": {"group": "auditors"}}},
    },
    "secrets": {"stripe": {"fields": ["api_key"]}, "ledger": {"fields": ["key"]}},
    "grants": [
        {"workload": "operators", "secret": "stripe", "can": ["read"]},
        {"workload": "auditors", "secret": "ledger", "can": ["read"]},
    ],
}


class World(NamedTuple):
    sandbox: Sandbox
    provider: OidcProvider
    deployed: Deployed
    project: Path

    def login(self, person: str, role: str = "") -> hvac.Client:
        """A person's client after what `bao login -method=oidc` and a browser do."""
        client = self.sandbox.vault.workload_client()
        answer = client.auth.oidc.oidc_authorization_url_request(role=role, redirect_uri=CALLBACK, path=MOUNT)
        url = answer["data"]["auth_url"]
        nonce = dict(parse_qsl(urlsplit(url).query))["nonce"]
        back = self.provider.browse(url, person)
        login = client.auth.oidc.oidc_callback(back["state"], nonce, back["code"], path=MOUNT)
        client.token = login["auth"]["client_token"]
        return client


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, toolchain: Toolchain) -> Iterator[World]:
    provider = OidcProvider(tmp_path_factory.mktemp("provider"), "vault", [CALLBACK])
    provider.people |= {
        "ada": {"department": "payments", "groups": [OPERATORS]},
        "bob": {"department": "payments", "groups": ["auditors", "unknown to the server"]},
        "cyd": {"department": "payments", "groups": []},
        "eve": {"department": "sales", "groups": [OPERATORS]},
    }
    folder = tmp_path_factory.mktemp("project")
    with provider.serving() as url:
        oidc = {
            "oidc_discovery_url": url,
            "ca_pem": provider.ca_pem,
            "client_id": provider.client_id,
            "client_secret": {"pulumi_config": "client-secret"},
            "token_ttl": "10m",
            "token_max_ttl": "20m",
            "roles": {
                "staff": {
                    "bound_claims": {"department": "payments"},
                    "scopes": ["groups", "profile"],
                    "redirect_uris": [CALLBACK],
                }
            },
        }
        environment = {
            "environment": ENVIRONMENT,
            "protect": False,
            "default_store": "kv",
            "stores": {"kv": {"vault_kv": {}}},
            "vault": {"flavour": sandbox.vault.flavour, "auth": {"people": {"oidc": oidc}}},
        }
        secrets = {"client-secret": provider.client_secret}
        deployed = deploy(sandbox, toolchain, folder, environment, [CATALOG], secrets)
        deployed.deployment.fill(deployed.plan, print)
        yield World(sandbox, provider, deployed, folder)
        deployed.engine.destroy()


def _value(client: hvac.Client, secret: str) -> dict[str, str]:
    answer = client.secrets.kv.v2.read_secret_version(
        f"payments/{secret}", mount_point=f"kv-{ENVIRONMENT}", raise_on_deleted_version=False
    )
    return dict(answer["data"]["data"])


@pytest.mark.parametrize(("person", "own", "other"), [("ada", "stripe", "ledger"), ("bob", "ledger", "stripe")])
def test_people_log_in_and_read_what_their_group_was_granted_and_nothing_else(
    world: World, person: str, own: str, other: str
) -> None:
    client = world.login(person)
    assert _value(client, own)
    with pytest.raises(hvac.exceptions.Forbidden):
        _value(client, other)


def test_a_token_carries_no_policy_of_its_own_but_those_of_the_groups_and_the_lifetime_of_the_method(
    world: World,
) -> None:
    token = world.login("ada", role="staff").auth.token.lookup_self()["data"]
    assert token["policies"] == ["default"]
    assert token["identity_policies"] == [f"{ENVIRONMENT}.payments.operators"]
    assert token["creation_ttl"] == 600


def test_who_is_in_no_group_logs_in_and_may_do_nothing(world: World) -> None:
    client = world.login("cyd")
    assert not client.auth.token.lookup_self()["data"].get("identity_policies")
    for secret in ("stripe", "ledger"):
        with pytest.raises(hvac.exceptions.Forbidden):
            _value(client, secret)


def test_who_leaves_a_group_has_nothing_of_it_after_the_next_login(world: World) -> None:
    world.provider.people["dan"] = {"department": "payments", "groups": [OPERATORS]}
    assert _value(world.login("dan"), "stripe")
    world.provider.people["dan"] = {"department": "payments", "groups": []}
    with pytest.raises(hvac.exceptions.Forbidden):
        _value(world.login("dan"), "stripe")


def test_whose_claims_are_others_is_refused_whatever_the_groups(world: World) -> None:
    with pytest.raises(hvac.exceptions.VaultError, match="claim"):
        world.login("eve")


@pytest.mark.parametrize("place", ["https://elsewhere.example/oidc/callback", "http://localhost:8250/elsewhere"])
def test_a_place_to_come_back_to_that_was_not_declared_is_refused(world: World, place: str) -> None:
    client = world.sandbox.vault.workload_client()
    answer = client.auth.oidc.oidc_authorization_url_request(role="staff", redirect_uri=place, path=MOUNT)
    assert answer["data"]["auth_url"] == ""  # the server tells nobody which places it knows


def test_the_stack_says_how_a_group_logs_in(world: World) -> None:
    found = world.deployed.engine.outputs()["logins"]
    assert found["payments/operators"] == {"method": "oidc", "mount": MOUNT, "role": "staff"}


def test_a_second_run_reports_no_changes(world: World) -> None:
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()


def test_a_new_client_secret_replaces_the_old_one_and_neither_is_in_any_plan_state_or_log(world: World) -> None:
    old, world.provider.client_secret = world.provider.client_secret, f"{world.provider.client_secret}-next"
    with pytest.raises(hvac.exceptions.VaultError):
        world.login("ada")
    world.deployed.engine.set_secret("client-secret", world.provider.client_secret)
    assert world.deployed.up().changed == 1
    assert _value(world.login("ada"), "stripe")
    for secret in (old, world.provider.client_secret):
        assert not is_in(secret, world.deployed.plan.as_json() + str(world.deployed.engine.export()))
        assert files_with(secret, world.project, world.sandbox.directory) == []
