"""Tokens of Kubernetes service accounts, made by the server in a real cluster: used there for what they were made for,
refused all else, and ended with their lease."""

import json
from typing import Any, Final, NamedTuple

import hvac
import hvac.exceptions
import jwt
import pytest
from kubernetes.client import AuthenticationV1Api, CoreV1Api, RbacAuthorizationV1Api
from kubernetes.client.exceptions import ApiException, UnauthorizedException

from strongroom_sandbox import Sandbox
from strongroom_sandbox.process import wait_until
from strongroom_sandbox.toolchain import Toolchain
from support import canary
from support.control_plane import ControlPlane
from support.deployed import Deployed, deploy
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

MOUNT: Final = "kubernetes-eu-kubetest"
PATIENCE_SECONDS: Final = 30.0
"""API servers remember for ten seconds that a token was authentic, and controllers clean up in their own time."""
RULES: Final = [{"resources": ["configmaps"], "resource_names": ["settings"], "verbs": ["get", "update"]}]
ENGINE: Final = [
    {"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]},
    {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["create", "update", "delete"]},
    {
        "apiGroups": ["rbac.authorization.k8s.io"],
        "resources": ["roles", "rolebindings"],
        "verbs": ["create", "update", "delete"],
    },
    # Nobody gives away what he does not have: Kubernetes, "Using RBAC Authorization".
    {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "update"]},
]
"""What the account needs that makes the others, in each namespace that it makes them in."""


def _catalog(shop: str, jobs: str) -> dict[str, Any]:
    lifetimes = {"ttl": "10m", "max_ttl": "20m"}
    deployer = {"cluster": "eu", "namespaces": [shop], "service_account": "deployer", **lifetimes}
    settings = {"cluster": "eu", "namespaces": [jobs, shop], "rules": RULES, "ttl": "10m"}
    too_much = [{"resources": ["pods"], "verbs": ["create"]}]
    greedy = {"cluster": "eu", "namespaces": [shop], "rules": too_much}
    return {
        "team": "shop",
        "workloads": {"release": runs_as("release"), "nightly": runs_as("nightly")},
        "secrets": {
            "deployer": {"kubernetes_token": deployer},
            "settings": {"kubernetes_token": settings},
            "greedy": {"kubernetes_token": greedy},
        },
        "grants": [
            {"workload": "release", "secret": "deployer", "can": ["issue"]},
            {"workload": "nightly", "secret": "settings", "can": ["issue"]},
            {"workload": "nightly", "secret": "greedy", "can": ["issue"]},
        ],
    }


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed
    cluster: ControlPlane
    shop: str
    jobs: str
    """The namespaces that the team may have tokens for."""
    manager: str
    """The token that makes the others."""

    def issue(self, workload: str, role: str, namespace: str, **wanted: Any) -> dict[str, Any]:
        client = login(self.sandbox, self.deployed, f"shop/{workload}")
        answer: dict[str, Any] = client.write_data(
            f"{MOUNT}/creds/shop.{role}", data={"kubernetes_namespace": namespace, **wanted}
        )
        return answer

    def whoami(self, token: str) -> str:
        """Whom the cluster takes the holder of a token for; empty: for nobody."""
        with self.cluster.client_with(token) as client:
            try:
                return str(AuthenticationV1Api(client).create_self_subject_review({}).status.user_info.username)
            except UnauthorizedException:
                return ""

    def made(self, namespace: str, name: str) -> list[str]:
        """What there is of an account that is made for one token."""
        rbac, named = RbacAuthorizationV1Api(self.cluster.admin), {"field_selector": f"metadata.name={name}"}
        found = {
            "account": self.cluster.core.list_namespaced_service_account(namespace, **named),
            "role": rbac.list_namespaced_role(namespace, **named),
            "binding": rbac.list_namespaced_role_binding(namespace, **named),
        }
        return [what for what, listed in found.items() if listed.items]


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, cluster: ControlPlane, toolchain: Toolchain
) -> World:
    shop, jobs, vault = cluster.namespace("shop"), cluster.namespace("shop-jobs"), cluster.namespace("vault")
    cluster.service_account(shop, "deployer")
    cluster.service_account(vault, "tokens")
    for namespace in (shop, jobs):
        cluster.grant(namespace, "vault-tokens", ENGINE, (vault, "tokens"))
        cluster.core.create_namespaced_config_map(namespace, {"metadata": {"name": "settings"}, "data": {"a": "1"}})
    cluster.core.create_namespaced_config_map(jobs, {"metadata": {"name": "others"}, "data": {"a": "1"}})
    manager = cluster.token(vault, "tokens", seconds=3600)
    engine = {
        "kubernetes_host": cluster.server,
        "ca_pem": cluster.kube.ca_pem,
        "service_account_jwt": {"pulumi_config": "tokens-jwt"},
        "namespaces": {"shop": [shop, jobs]},
    }
    files = environment(sandbox, "kubetest", {"kubernetes": {"clusters": {"eu": engine}}})
    folder = tmp_path_factory.mktemp("project")
    deployed = deploy(sandbox, toolchain, folder, files, [_catalog(shop, jobs)], {"tokens-jwt": manager})
    return World(sandbox, deployed, cluster, shop, jobs, manager)


def test_a_token_of_an_account_that_exists_is_given_and_the_cluster_takes_it(world: World) -> None:
    given = world.issue("release", "deployer", world.shop)["data"]
    assert (given["service_account_namespace"], given["service_account_name"]) == (world.shop, "deployer")
    assert world.whoami(given["service_account_token"]) == f"system:serviceaccount:{world.shop}:deployer"


def test_a_token_lives_no_longer_than_the_role_says(world: World) -> None:
    for wanted, seconds in (({}, 600), ({"ttl": "15m"}, 900), ({"ttl": "10h"}, 1200)):
        token = world.issue("release", "deployer", world.shop, **wanted)["data"]["service_account_token"]
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims["exp"] - claims["iat"] == seconds


def test_an_account_that_is_made_for_one_token_does_what_is_listed_where_it_is_listed_and_nothing_else(
    world: World,
) -> None:
    given = world.issue("nightly", "settings", world.jobs)["data"]
    name, token = given["service_account_name"], given["service_account_token"]
    assert name.startswith("shop.settings-")
    assert world.whoami(token) == f"system:serviceaccount:{world.jobs}:{name}"
    assert world.made(world.jobs, name) == ["account", "role", "binding"]
    with world.cluster.client_with(token) as client:
        core = CoreV1Api(client)
        settings = core.read_namespaced_config_map("settings", world.jobs)
        core.replace_namespaced_config_map("settings", world.jobs, settings)
        for refused in (
            lambda: core.read_namespaced_config_map("others", world.jobs),
            lambda: core.list_namespaced_config_map(world.jobs),
            lambda: core.delete_namespaced_config_map("settings", world.jobs),
            lambda: core.read_namespaced_config_map("settings", world.shop),
            lambda: core.list_namespaced_secret(world.jobs),
            lambda: core.create_namespaced_service_account_token(name, world.jobs, {"spec": {}}),
        ):
            with pytest.raises(ApiException, match="Forbidden"):
                refused()


def test_it_goes_with_the_lease_and_so_does_its_token(world: World) -> None:
    given = world.issue("nightly", "settings", world.jobs)
    name, token = given["data"]["service_account_name"], given["data"]["service_account_token"]
    assert world.whoami(token)
    world.sandbox.vault.root_client().sys.revoke_lease(given["lease_id"])
    assert wait_until(lambda: not world.made(world.jobs, name), PATIENCE_SECONDS)
    assert wait_until(lambda: not world.whoami(token), PATIENCE_SECONDS)


def test_the_cluster_gives_nobody_a_right_that_the_engines_own_account_lacks(world: World) -> None:
    """Whatever a catalog asks for: the last word is RBAC's, which stops privilege escalation."""
    with pytest.raises(
        (hvac.exceptions.InvalidRequest, hvac.exceptions.InternalServerError),
        match="attempting to grant RBAC permissions",
    ):
        world.issue("nightly", "greedy", world.shop)


@pytest.mark.parametrize(
    ("workload", "role", "namespace", "wanted"),
    [
        ("release", "deployer", "JOBS", {}),
        ("release", "deployer", "kube-system", {}),
        ("nightly", "settings", "kube-system", {}),
        ("nightly", "settings", "JOBS", {"cluster_role_binding": True}),
    ],
)
def test_a_namespace_that_is_not_listed_and_a_right_for_the_whole_cluster_are_refused(
    world: World, workload: str, role: str, namespace: str, wanted: dict[str, Any]
) -> None:
    with pytest.raises(hvac.exceptions.InvalidRequest):
        world.issue(workload, role, world.jobs if namespace == "JOBS" else namespace, **wanted)


def test_who_was_not_granted_it_gets_no_token(world: World) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        world.issue("nightly", "deployer", world.shop)
    with pytest.raises(hvac.exceptions.Forbidden):
        world.issue("release", "settings", world.shop)


@pytest.mark.parametrize("path", [f"{MOUNT}/config", f"{MOUNT}/roles/shop.deployer"])
def test_who_may_have_tokens_may_not_change_what_they_are(world: World, path: str) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        login(world.sandbox, world.deployed, "shop/release").write_data(
            path, data={"kubernetes_host": world.cluster.server}
        )


def test_a_second_run_reports_no_changes_and_no_token_is_in_state_or_logs(world: World) -> None:
    given = world.issue("release", "deployer", world.shop)["data"]["service_account_token"]
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()
    state = json.dumps(world.deployed.engine.export())
    for token in (given, world.manager):
        assert not canary.files_with(token, world.sandbox.directory, world.deployed.engine.work)
        assert not canary.is_in(token, state)
