"""Entities and groups, deployed and used: who logs in two ways is one, and templates keep everybody to his own."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import hvac
import hvac.exceptions
import pytest

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support.deployed import Deployed, deploy

pytestmark = pytest.mark.engine

ENVIRONMENT: Final = "identities"
AUDIENCE: Final = f"vault-{ENVIRONMENT}"
CI: Final = {"repository": "acme/payments", "environment": "production"}
ACCOUNT: Final = "{{identity.entity.aliases.${auth/cluster/@accessor}.name}}"
CATALOGS: Final[list[dict[str, Any]]] = [
    {
        "team": "payments",
        "workloads": {
            "checkout": {
                "runs_as": {"jwt": {"subject": "checkout"}},
                "auth": "cluster",
                "also": [{"runs_as": {"github_actions": CI}, "auth": "ci"}],
            },
            "batch": {"runs_as": {"approle": {"secret_id_uses": 5}}},
            "report": {"runs_as": {"jwt": {"subject": "report"}}, "auth": "cluster"},
        },
        "secrets": {"stripe": {"fields": ["api_key"]}, "notes": {"personal": {}}},
        "grants": [
            {"workload": "checkout", "secret": "stripe", "can": ["read"]},
            *({"workload": w, "secret": "notes", "can": ["read", "write"]} for w in ("checkout", "batch", "report")),
        ],
    },
    {
        "team": "ledger",
        "workloads": {"audit": {"runs_as": {"jwt": {"subject": "audit"}}, "auth": "cluster"}},
        "secrets": {"books": {"fields": ["key"]}},
    },
]


def _policy(path: str, *workloads: str) -> dict[str, Any]:
    rule = {"path": path, "capabilities": ["create", "read", "update"]}
    return {"reason": "what templates are for, and no grant can say", "rules": [rule], "workloads": list(workloads)}


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed

    def login(self, workload: str, method: str, subject: str, **claims: str) -> hvac.Client:
        client = self.sandbox.vault.workload_client()
        token = self.sandbox.issuer.token(subject, AUDIENCE, claims)
        client.auth.jwt.jwt_login(role=workload, jwt=token, path=f"{method}-{ENVIRONMENT}")
        return client

    def batch(self) -> hvac.Client:
        """The workload that logs in with a role id and a secret id."""
        operator = self.sandbox.vault.root_client().auth.approle
        at = {"role_name": "payments.batch", "mount_point": f"machines-{ENVIRONMENT}"}
        client = self.sandbox.vault.workload_client()
        client.auth.approle.login(
            operator.read_role_id(**at)["data"]["role_id"],
            operator.generate_secret_id(**at)["data"]["secret_id"],
            mount_point=at["mount_point"],
        )
        return client

    def entity(self, name: str) -> dict[str, Any]:
        answer = self.sandbox.vault.root_client().secrets.identity.read_entity_by_name(f"{ENVIRONMENT}.{name}")
        return dict(answer["data"])


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, toolchain: Toolchain, flavour: Flavour
) -> Iterator[World]:
    issuer = {"audiences": [AUDIENCE], "oidc_discovery_url": sandbox.issuer.url, "ca_pem": sandbox.issuer.ca_pem}
    environment = {
        "environment": ENVIRONMENT,
        "protect": False,
        "default_store": "kv",
        "stores": {"kv": {"vault_kv": {"cas_required": False}}},
        "vault": {
            "flavour": flavour,
            "auth": {
                "cluster": {"jwt": {**issuer, "accepts": ["jwt"]}},
                "ci": {"jwt": {**issuer, "accepts": ["github_actions"], "groups_claim": "groups"}},
                "machines": {"approle": {}},
            },
            "identity": {
                "groups": {
                    "staff": {"teams": ["payments"], "workloads": ["ledger/audit"], "policies": ["team-folder"]},
                    "readers": {"workloads": ["payments/report"], "policies": ["books"]},
                },
                "external_groups": {"maintainers": {"auth": "ci", "group": "maintainers", "policies": ["books"]}},
            },
            "policies": {
                "by-account": _policy(f"kv-{ENVIRONMENT}/data/by-account/{ACCOUNT}", "payments/report", "ledger/audit"),
                "team-folder": _policy(f"kv-{ENVIRONMENT}/data/teams/{{{{identity.entity.metadata.team}}}}"),
                "books": _policy(f"kv-{ENVIRONMENT}/data/ledger/books"),
            },
        },
    }
    deployed = deploy(sandbox, toolchain, tmp_path_factory.mktemp("project"), environment, CATALOGS)
    deployed.deployment.fill(deployed.plan, print)
    yield World(sandbox, deployed)
    deployed.engine.destroy()


def _write(client: hvac.Client, path: str) -> None:
    client.secrets.kv.v2.create_or_update_secret(path, {"key": "value"}, mount_point=f"kv-{ENVIRONMENT}")


def _read(client: hvac.Client, path: str) -> dict[str, Any]:
    kv = client.secrets.kv.v2
    return dict(kv.read_secret_version(path, mount_point=f"kv-{ENVIRONMENT}", raise_on_deleted_version=False)["data"])


def _id(client: hvac.Client) -> str:
    return str(client.auth.token.lookup_self()["data"]["entity_id"])


def _in_ci(world: World, groups: str = "") -> hvac.Client:
    return world.login("payments.checkout", "ci", "repo:acme/payments:whatever", groups=groups, **CI)


def test_a_workload_that_logs_in_two_ways_is_one_entity_which_says_who_it_is(world: World) -> None:
    entity = world.entity("payments.checkout")
    assert entity["metadata"] == {"environment": ENVIRONMENT, "team": "payments", "workload": "checkout"}
    assert {alias["name"] for alias in entity["aliases"]} == {"checkout", "acme/payments"}
    in_cluster = world.login("payments.checkout", "cluster", "checkout")
    in_ci = _in_ci(world)
    assert _id(in_cluster) == _id(in_ci) == entity["id"]
    assert _read(in_cluster, "payments/stripe") == _read(in_ci, "payments/stripe")


def test_an_approle_workload_is_its_declared_entity(world: World) -> None:
    assert _id(world.batch()) == world.entity("payments.batch")["id"]


def test_logins_make_no_further_entities(world: World) -> None:
    root = world.sandbox.vault.root_client()
    before = root.secrets.identity.list_entities()["data"]["keys"]
    for client in (world.login("payments.report", "cluster", "report"), _in_ci(world), world.batch()):
        assert _id(client) in before
    assert root.secrets.identity.list_entities()["data"]["keys"] == before


def test_a_personal_folder_is_ones_own_in_whichever_way_one_logs_in(world: World) -> None:
    mine = world.login("payments.checkout", "cluster", "checkout")
    folder = f"payments/notes/{_id(mine)}"
    _write(mine, f"{folder}/a")
    assert _read(_in_ci(world), f"{folder}/a")["data"] == {"key": "value"}
    names = mine.secrets.kv.v2.list_secrets(folder, mount_point=f"kv-{ENVIRONMENT}")
    assert names["data"]["keys"] == ["a"]
    for other in (world.batch(), world.login("payments.report", "cluster", "report")):
        for refused in (_read, _write):
            with pytest.raises(hvac.exceptions.Forbidden):
                refused(other, f"{folder}/a")
        with pytest.raises(hvac.exceptions.Forbidden):
            other.secrets.kv.v2.list_secrets("payments/notes", mount_point=f"kv-{ENVIRONMENT}")


def test_two_workloads_share_a_policy_by_alias_and_each_reaches_its_own_path_only(world: World) -> None:
    report, audit = world.login("payments.report", "cluster", "report"), world.login("ledger.audit", "cluster", "audit")
    shared = f"{ENVIRONMENT}.platform.by-account"
    for client, own, other in ((report, "report", "audit"), (audit, "audit", "report")):
        assert shared in client.auth.token.lookup_self()["data"]["policies"]
        _write(client, f"by-account/{own}")
        for refused in (_read, _write):
            with pytest.raises(hvac.exceptions.Forbidden):
                refused(client, f"by-account/{other}")


def test_the_accessor_in_the_policy_is_the_methods_own(world: World) -> None:
    root = world.sandbox.vault.root_client()
    accessor = root.sys.list_auth_methods()["data"][f"cluster-{ENVIRONMENT}/"]["accessor"]
    text = root.sys.read_acl_policy(f"{ENVIRONMENT}.platform.by-account")["data"]["policy"]
    assert f"by-account/{{{{identity.entity.aliases.{accessor}.name}}}}" in text
    assert "${" not in text


def test_a_group_gives_its_members_its_policies_and_nobody_else(world: World) -> None:
    report = world.login("payments.report", "cluster", "report")
    _write(report, "teams/payments")
    _write(world.batch(), "teams/payments")
    with pytest.raises(hvac.exceptions.Forbidden):
        _write(report, "teams/ledger")
    _write(world.login("ledger.audit", "cluster", "audit"), "teams/ledger")
    assert _read(report, "ledger/books")
    with pytest.raises(hvac.exceptions.Forbidden):
        _read(world.batch(), "ledger/books")


def test_an_external_group_has_whoever_the_tokens_say_from_login_to_login(world: World) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        _read(_in_ci(world, groups="others"), "ledger/books")
    assert _read(_in_ci(world, groups="maintainers"), "ledger/books")
    with pytest.raises(hvac.exceptions.Forbidden):
        _read(_in_ci(world, groups="others"), "ledger/books")


def test_a_second_run_reports_no_changes_also_after_logins(world: World) -> None:
    _in_ci(world, groups="maintainers")
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()


def test_who_was_put_into_a_group_or_given_a_policy_by_hand_is_taken_out_again(world: World) -> None:
    identity = world.sandbox.vault.root_client().secrets.identity
    readers, report = f"{ENVIRONMENT}.payments.readers", world.entity("payments.report")["id"]
    batch = world.entity("payments.batch")["id"]
    identity.create_or_update_group_by_name(readers, member_entity_ids=[report, batch])
    identity.create_or_update_entity_by_name(f"{ENVIRONMENT}.payments.batch", policies=["admin"])
    assert world.deployed.up().changed == 2
    assert identity.read_group_by_name(readers)["data"]["member_entity_ids"] == [report]
    assert not world.entity("payments.batch")["policies"]
