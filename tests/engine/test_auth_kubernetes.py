"""Kubernetes auth, deployed and used: service accounts of a real cluster log in, and get exactly what was granted.

Of one cluster there are two methods: one asks it about each token (TokenReview), the other checks signatures only.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import hvac
import hvac.exceptions
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from strongroom.vault.auth.kubernetes.plan import KubernetesRole
from strongroom_sandbox import Sandbox
from strongroom_sandbox.process import wait_until
from strongroom_sandbox.toolchain import Toolchain
from support.canary import files_with, is_in
from support.control_plane import ControlPlane
from support.deployed import Deployed, deploy

pytestmark = pytest.mark.engine

ENVIRONMENT: Final = "k8slogin"
AUDIENCE: Final = f"vault-{ENVIRONMENT}"
PATIENCE_SECONDS: Final = 30.0
"""API servers remember for ten seconds that a token was authentic."""


def _catalog(shop: str, reports: str) -> dict[str, Any]:
    """Of a team with workloads in two namespaces."""
    checkout, report = (
        {"namespace": at, "service_account": name} for at, name in ((shop, "checkout"), (reports, "report"))
    )
    return {
        "team": "payments",
        "workloads": {
            "checkout": {"runs_as": {"kubernetes": checkout}, "auth": "cluster"},
            "report": {"runs_as": {"kubernetes": report}, "auth": "cluster"},
            "offline": {"runs_as": {"kubernetes": report}, "auth": "signatures"},
        },
        "secrets": {"stripe": {"fields": ["api_key"]}, "ledger": {"fields": ["key"]}},
        "grants": [
            {"workload": "checkout", "secret": "stripe", "can": ["read"]},
            {"workload": "report", "secret": "ledger", "can": ["read"]},
            {"workload": "offline", "secret": "ledger", "can": ["read"]},
        ],
    }


class World(NamedTuple):
    sandbox: Sandbox
    cluster: ControlPlane
    shop: str
    """The namespace of `checkout`."""
    reports: str
    """The namespace of `report`."""
    deployed: Deployed
    reviewer: str
    project: Path

    def login(self, role: str, token: str) -> hvac.Client:
        """A client that logged in as a workload does, with nothing but the token of its pod."""
        client = self.sandbox.vault.workload_client()
        client.auth.kubernetes.login(role=role, jwt=token, mount_point=f"cluster-{ENVIRONMENT}")
        return client

    def refuses(self, role: str, token: str) -> bool:
        try:
            self.login(role, token)
        except hvac.exceptions.Forbidden:
            return True
        return False

    def login_by_signature(self, token: str) -> hvac.Client:
        """The same, where the cluster is not asked."""
        client = self.sandbox.vault.workload_client()
        client.auth.jwt.jwt_login(role="payments.offline", jwt=token, path=f"signatures-{ENVIRONMENT}")
        return client


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, cluster: ControlPlane, toolchain: Toolchain
) -> Iterator[World]:
    shop, reports, vault = cluster.namespace("shop"), cluster.namespace("reports"), cluster.namespace("vault")
    for namespace, account in ((shop, "checkout"), (reports, "report"), (vault, "reviewer")):
        cluster.service_account(namespace, account)
    cluster.bind_cluster_role("system:auth-delegator", vault, "reviewer")
    reviewer = cluster.token(vault, "reviewer", seconds=3600)
    lifetimes = {"token_ttl": "10m", "token_max_ttl": "20m"}
    kubernetes = {
        "kubernetes_host": cluster.server,
        "audience": AUDIENCE,
        "ca_pem": cluster.kube.ca_pem,
        "token_reviewer_jwt": {"pulumi_config": "reviewer"},
        **lifetimes,
    }
    signatures = {
        "accepts": ["kubernetes"],
        "audiences": [AUDIENCE],
        "oidc_discovery_url": cluster.kube.issuer,
        "ca_pem": cluster.kube.ca_pem,
        **lifetimes,
    }
    environment = {
        "environment": ENVIRONMENT,
        "protect": False,
        "default_store": "kv",
        "stores": {"kv": {"vault_kv": {}}},
        "vault": {
            "flavour": sandbox.vault.flavour,
            "auth": {"cluster": {"kubernetes": kubernetes}, "signatures": {"jwt": signatures}},
        },
    }
    folder = tmp_path_factory.mktemp("project")
    deployed = deploy(sandbox, toolchain, folder, environment, [_catalog(shop, reports)], {"reviewer": reviewer})
    deployed.deployment.fill(deployed.plan, print)
    yield World(sandbox, cluster, shop, reports, deployed, reviewer, folder)
    deployed.engine.destroy()


def _value(client: hvac.Client, secret: str) -> dict[str, str]:
    answer = client.secrets.kv.v2.read_secret_version(
        f"payments/{secret}", mount_point=f"kv-{ENVIRONMENT}", raise_on_deleted_version=False
    )
    return dict(answer["data"]["data"])


def test_a_workload_logs_in_with_its_pods_token_and_reads_what_it_was_granted_and_nothing_else(world: World) -> None:
    client = world.login("payments.checkout", world.cluster.token(world.shop, "checkout", AUDIENCE))
    assert _value(client, "stripe").keys() == {"api_key"}
    with pytest.raises(hvac.exceptions.Forbidden):
        _value(client, "ledger")
    with pytest.raises(hvac.exceptions.Forbidden):
        client.secrets.kv.v2.create_or_update_secret("payments/stripe", {}, mount_point=f"kv-{ENVIRONMENT}")


def test_its_token_carries_exactly_the_derived_policy_and_the_lifetimes_of_the_method(world: World) -> None:
    client = world.login("payments.checkout", world.cluster.token(world.shop, "checkout", AUDIENCE))
    token = client.auth.token.lookup_self()["data"]
    (role,) = (role for role in world.deployed.plan.of(KubernetesRole) if role.name == "payments.checkout")
    assert token["policies"] == list(role.policies) == [f"{ENVIRONMENT}.payments.checkout"]
    assert (token["creation_ttl"], role.token_max_ttl_seconds) == (600, 1200)
    assert token["meta"]["service_account_namespace"] == world.shop


def test_the_identity_store_knows_a_workload_by_its_namespace_and_account(world: World) -> None:
    """Known before the first login, so that entities can be declared; and paths of policies may name the namespace."""
    client = world.login("payments.checkout", world.cluster.token(world.shop, "checkout", AUDIENCE))
    entity = client.auth.token.lookup_self()["data"]["entity_id"]
    (alias,) = world.sandbox.vault.root_client().secrets.identity.read_entity(entity)["data"]["aliases"]
    assert alias["name"] == f"{world.shop}/checkout"
    assert alias["metadata"]["service_account_namespace"] == world.shop


def test_the_same_account_of_another_namespace_is_refused(world: World) -> None:
    other = world.cluster.namespace("other")
    world.cluster.service_account(other, "checkout")
    with pytest.raises(hvac.exceptions.Forbidden, match="namespace not authorized"):
        world.login("payments.checkout", world.cluster.token(other, "checkout", AUDIENCE))


def test_another_account_of_the_same_namespace_is_refused(world: World) -> None:
    """That which every namespace has, as which pods run that name none."""
    assert wait_until(lambda: world.cluster.has_service_account(world.shop, "default"), 30)
    with pytest.raises(hvac.exceptions.Forbidden, match="service account name not authorized"):
        world.login("payments.checkout", world.cluster.token(world.shop, "default", AUDIENCE))


def test_another_workload_of_the_team_is_refused(world: World) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        world.login("payments.checkout", world.cluster.token(world.reports, "report", AUDIENCE))


@pytest.mark.parametrize("audiences", [(), ("vault-prod",)], ids=["none asked for", "of another environment"])
def test_a_token_with_another_audience_is_refused(world: World, audiences: tuple[str, ...]) -> None:
    """Without one of its own, a token is for the API server: whoever gets it there could use it here."""
    token = world.cluster.token(world.shop, "checkout", *audiences)
    with pytest.raises(hvac.exceptions.Forbidden):
        world.login("payments.checkout", token)


def _signed_anew(token: str, key: Any, **changes: Any) -> str:
    """The same claims but for `changes`, signed with another key, or the same one again."""
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    return jwt.encode(claims, key, algorithm="RS256", headers=jwt.get_unverified_header(token))


def test_an_expired_token_is_refused(world: World) -> None:
    token, now = world.cluster.token(world.shop, "checkout", AUDIENCE), int(time.time())
    key = world.cluster.kube.signing_key.read_text()
    assert world.login("payments.checkout", _signed_anew(token, key))
    with pytest.raises(hvac.exceptions.Forbidden):
        world.login("payments.checkout", _signed_anew(token, key, iat=now - 1200, nbf=now - 1200, exp=now - 600))


def test_a_token_of_another_cluster_is_refused(world: World) -> None:
    token = world.cluster.token(world.shop, "checkout", AUDIENCE)
    with pytest.raises(hvac.exceptions.Forbidden):
        world.login("payments.checkout", _signed_anew(token, rsa.generate_private_key(65537, 2048)))


def test_a_token_ends_with_its_pod_or_account_but_where_only_its_signature_is_checked(world: World) -> None:
    core = world.cluster.core
    container = {"name": "it", "image": "none.example/none"}
    pod = {"metadata": {"name": "checkout-1"}, "spec": {"serviceAccountName": "checkout", "containers": [container]}}
    made = core.create_namespaced_pod(world.shop, pod)  # no node runs it; it is there all the same
    of_pod = world.cluster.token(world.shop, "checkout", AUDIENCE, pod=made)
    of_account = world.cluster.token(world.reports, "report", AUDIENCE)
    assert world.login("payments.checkout", of_pod)
    assert _value(world.login("payments.report", of_account), "ledger")
    core.delete_namespaced_pod(made.metadata.name, world.shop, grace_period_seconds=0)
    core.delete_namespaced_service_account("report", world.reports)
    assert wait_until(lambda: world.refuses("payments.checkout", of_pod), PATIENCE_SECONDS)
    assert wait_until(lambda: world.refuses("payments.report", of_account), PATIENCE_SECONDS)
    assert _value(world.login_by_signature(of_account), "ledger")

    world.cluster.service_account(world.reports, "report")
    assert world.refuses("payments.report", of_account)  # it was for the account that is gone, not for its name
    assert world.login("payments.report", world.cluster.token(world.reports, "report", AUDIENCE))


@pytest.mark.parametrize("audiences", [(), ("vault-prod",)], ids=["none asked for", "of another environment"])
def test_a_signature_of_the_cluster_lets_nobody_in_with_another_audience(
    world: World, audiences: tuple[str, ...]
) -> None:
    with pytest.raises(hvac.exceptions.InvalidRequest, match="aud"):
        world.login_by_signature(world.cluster.token(world.reports, "report", *audiences))


def test_a_signature_of_the_cluster_lets_no_other_account_in(world: World) -> None:
    with pytest.raises(hvac.exceptions.InvalidRequest, match="sub"):
        world.login_by_signature(world.cluster.token(world.shop, "checkout", AUDIENCE))


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
    world.cluster.service_account(world.shop, "stranger")
    assert world.login("payments.checkout", world.cluster.token(world.shop, "stranger", AUDIENCE))
    assert world.deployed.up().changed == 1
    assert root.read(path)["data"] == before


def test_a_reviewer_without_the_right_to_review_lets_nobody_in(world: World) -> None:
    """Rather than take the server's word for it, or the token's."""
    config = f"auth/cluster-{ENVIRONMENT}/config"
    root, token = world.sandbox.vault.root_client(), world.cluster.token(world.shop, "checkout", AUDIENCE)
    given = {key: value for key, value in root.read(config)["data"].items() if not key.endswith("_set")}
    root.write_data(config, data={**given, "token_reviewer_jwt": world.cluster.token(world.shop, "checkout")})
    try:
        with pytest.raises(hvac.exceptions.Forbidden):
            world.login("payments.checkout", token)
    finally:
        root.write_data(config, data={**given, "token_reviewer_jwt": world.reviewer})
    assert world.login("payments.checkout", token)


def test_the_reviewers_token_is_in_no_plan_state_log_or_report(world: World) -> None:
    assert not is_in(world.reviewer, world.deployed.plan.as_json())
    assert files_with(world.reviewer, world.project, world.sandbox.directory, world.cluster.sandbox.directory) == []
    assert not is_in(world.reviewer, str(world.deployed.engine.export()))
