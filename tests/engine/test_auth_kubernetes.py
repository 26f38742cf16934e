"""Kubernetes auth, deployed and used: service accounts log in, and get exactly what was granted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import hvac
import hvac.exceptions
import pytest

from strongroom.vault.auth.kubernetes.plan import KubernetesRole
from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support.canary import files_with, is_in
from support.cluster import Cluster
from support.deployed import Deployed, deploy

pytestmark = pytest.mark.engine

ENVIRONMENT: Final = "k8slogin"
AUDIENCE: Final = f"vault-{ENVIRONMENT}"
CATALOG: Final[dict[str, Any]] = {
    "team": "payments",
    "workloads": {
        "checkout": {"runs_as": {"kubernetes": {"namespace": "payments", "service_account": "checkout"}}},
        "report": {"runs_as": {"kubernetes": {"namespace": "reports", "service_account": "report"}}},
    },
    "secrets": {"stripe": {"fields": ["api_key"]}, "ledger": {"fields": ["key"]}},
    "grants": [
        {"workload": "checkout", "secret": "stripe", "can": ["read"]},
        {"workload": "report", "secret": "ledger", "can": ["read"]},
    ],
}


class World(NamedTuple):
    sandbox: Sandbox
    cluster: Cluster
    deployed: Deployed
    reviewer: str
    project: Path

    def login(self, role: str, token: str) -> hvac.Client:
        """A client that logged in as a workload does, with nothing but the token of its pod."""
        client = self.sandbox.vault.workload_client()
        client.auth.kubernetes.login(role=role, jwt=token, mount_point=f"cluster-{ENVIRONMENT}")
        return client


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, toolchain: Toolchain) -> Iterator[World]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    reviewer = cluster.token("vault", "reviewer")
    cluster.reviewers.add(("vault", "reviewer"))
    folder = tmp_path_factory.mktemp("project")
    with cluster.serving() as url:
        kubernetes = {
            "kubernetes_host": url,
            "audience": AUDIENCE,
            "ca_pem": cluster.ca_pem,
            "token_reviewer_jwt": {"pulumi_config": "reviewer"},
            "token_ttl": "10m",
            "token_max_ttl": "20m",
        }
        environment = {
            "environment": ENVIRONMENT,
            "protect": False,
            "default_store": "kv",
            "stores": {"kv": {"vault_kv": {}}},
            "vault": {"flavour": sandbox.vault.flavour, "auth": {"cluster": {"kubernetes": kubernetes}}},
        }
        deployed = deploy(sandbox, toolchain, folder, environment, [CATALOG], {"reviewer": reviewer})
        deployed.deployment.fill(deployed.plan, print)
        yield World(sandbox, cluster, deployed, reviewer, folder)
        deployed.engine.destroy()


def _value(client: hvac.Client, secret: str) -> dict[str, str]:
    answer = client.secrets.kv.v2.read_secret_version(
        f"payments/{secret}", mount_point=f"kv-{ENVIRONMENT}", raise_on_deleted_version=False
    )
    return dict(answer["data"]["data"])


def test_a_workload_logs_in_with_its_pods_token_and_reads_what_it_was_granted_and_nothing_else(world: World) -> None:
    client = world.login("payments.checkout", world.cluster.token("payments", "checkout", AUDIENCE))
    assert _value(client, "stripe").keys() == {"api_key"}
    with pytest.raises(hvac.exceptions.Forbidden):
        _value(client, "ledger")
    with pytest.raises(hvac.exceptions.Forbidden):
        client.secrets.kv.v2.create_or_update_secret("payments/stripe", {}, mount_point=f"kv-{ENVIRONMENT}")


def test_its_token_carries_exactly_the_derived_policy_and_the_lifetimes_of_the_method(world: World) -> None:
    client = world.login("payments.checkout", world.cluster.token("payments", "checkout", AUDIENCE))
    token = client.auth.token.lookup_self()["data"]
    (role,) = (role for role in world.deployed.plan.of(KubernetesRole) if role.name == "payments.checkout")
    assert token["policies"] == list(role.policies) == [f"{ENVIRONMENT}.payments.checkout"]
    assert (token["creation_ttl"], role.token_max_ttl_seconds) == (600, 1200)
    assert token["meta"]["service_account_namespace"] == "payments"


def test_the_cluster_is_asked_about_the_audience_of_the_environment(world: World) -> None:
    world.login("payments.checkout", world.cluster.token("payments", "checkout", AUDIENCE))
    assert world.cluster.asked_audiences[-1] == [AUDIENCE]


@pytest.mark.parametrize(
    ("namespace", "account", "audience"),
    [
        ("other", "checkout", AUDIENCE),
        ("payments", "other", AUDIENCE),
        ("payments", "checkout", "vault-prod"),
        ("payments", "checkout", "https://kubernetes.default.svc"),
        ("reports", "report", AUDIENCE),
    ],
    ids=["another namespace", "another account", "another environment", "no audience", "another workload"],
)
def test_any_other_token_of_the_cluster_is_refused(world: World, namespace: str, account: str, audience: str) -> None:
    with pytest.raises(
        (hvac.exceptions.Forbidden, hvac.exceptions.InvalidRequest, hvac.exceptions.InternalServerError)
    ):
        world.login("payments.checkout", world.cluster.token(namespace, account, audience))


def test_an_expired_token_is_refused(world: World) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        world.login("payments.checkout", world.cluster.token("payments", "checkout", AUDIENCE, ttl_seconds=-600))


def test_a_token_of_another_cluster_is_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        world.login("payments.checkout", Cluster(tmp_path).token("payments", "checkout", AUDIENCE))


def test_a_token_ends_with_its_service_account_although_its_signature_still_holds(world: World) -> None:
    token = world.cluster.token("reports", "report", AUDIENCE)
    assert _value(world.login("payments.report", token), "ledger")
    world.cluster.delete("reports", "report")
    with pytest.raises(hvac.exceptions.Forbidden):
        world.login("payments.report", token)


def test_the_stack_says_how_each_workload_logs_in(world: World) -> None:
    assert world.deployed.engine.outputs()["logins"]["payments/checkout"] == {
        "method": "kubernetes",
        "mount": f"cluster-{ENVIRONMENT}",
        "role": "payments.checkout",
    }


def test_a_second_run_reports_no_changes(world: World) -> None:
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()


def test_a_role_that_was_widened_by_hand_is_found_and_narrowed_again(world: World) -> None:
    path = f"auth/cluster-{ENVIRONMENT}/role/payments.checkout"
    root = world.sandbox.vault.root_client()
    before = root.read(path)["data"]
    root.write_data(path, data={**before, "bound_service_account_names": ["*"]})
    assert world.login("payments.checkout", world.cluster.token("payments", "other", AUDIENCE))
    assert world.deployed.up().changed == 1
    assert root.read(path)["data"] == before


def test_the_reviewers_token_is_in_no_plan_state_log_or_report(world: World) -> None:
    assert not is_in(world.reviewer, world.deployed.plan.as_json())
    assert files_with(world.reviewer, world.project, world.sandbox.directory) == []
    assert not is_in(world.reviewer, str(world.deployed.engine.export()))
