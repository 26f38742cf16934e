"""Tokens of Kubernetes service accounts: who was granted them gets them for the listed namespaces, and they end."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import hvac
import hvac.exceptions
import jwt
import pytest
import requests

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support import canary
from support.cluster import WHOAMI, Cluster
from support.deployed import Deployed, deploy
from support.sandbox import running
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

MOUNT = "kubernetes-eu-kubetest"
RULES = [{"resources": ["configmaps"], "resource_names": ["settings"], "verbs": ["get", "update"]}]
CATALOG = {
    "team": "shop",
    "workloads": {"release": runs_as("release"), "nightly": runs_as("nightly")},
    "secrets": {
        "deployer": {
            "kubernetes_token": {
                "cluster": "eu", "namespaces": ["shop"], "service_account": "deployer", "ttl": "10m", "max_ttl": "20m",
            }
        },
        "settings": {
            "kubernetes_token": {"cluster": "eu", "namespaces": ["shop-jobs", "shop"], "rules": RULES, "ttl": "10m"}
        },
    },
    "grants": [
        {"workload": "release", "secret": "deployer", "can": ["issue"]},
        {"workload": "nightly", "secret": "settings", "can": ["issue"]},
    ],
}  # fmt: skip


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed
    cluster: Cluster
    host: str
    ca_file: Path
    manager: str
    """The token that makes the others."""

    def issue(self, workload: str, role: str, namespace: str = "shop", **wanted: Any) -> dict[str, Any]:
        client = login(self.sandbox, self.deployed, f"shop/{workload}")
        answer: dict[str, Any] = client.write_data(
            f"{MOUNT}/creds/shop.{role}", data={"kubernetes_namespace": namespace, **wanted}
        )
        return answer

    def whoami(self, token: str) -> str:
        """Whom the cluster takes the holder of a token for; empty: for nobody."""
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        answer = requests.post(
            f"{self.host}{WHOAMI}",
            json=review,
            headers={"Authorization": f"Bearer {token}"},
            verify=str(self.ca_file),
            timeout=10,
        )
        return "" if answer.status_code == 401 else str(answer.json()["status"]["userInfo"]["username"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, flavour: Flavour) -> Iterator[World]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    cluster.managers.add(("vault", "tokens"))
    cluster.token("shop", "deployer")  # makes the account
    manager = cluster.token("vault", "tokens", ttl_seconds=3600)
    with cluster.serving() as host, running(tmp_path_factory.mktemp("servers"), flavour=flavour) as sandbox:
        engine = {
            "kubernetes_host": host,
            "ca_pem": cluster.ca_pem,
            "service_account_jwt": {"pulumi_config": "tokens-jwt"},
            "namespaces": {"shop": ["shop", "shop-jobs"]},
        }
        files = environment(sandbox, "kubetest", {"kubernetes": {"clusters": {"eu": engine}}})
        folder = tmp_path_factory.mktemp("project")
        deployed = deploy(sandbox, toolchain, folder, files, [CATALOG], {"tokens-jwt": manager})
        yield World(sandbox, deployed, cluster, host, cluster.authority.certificate, manager)


def test_a_token_of_an_account_that_exists_is_given_and_the_cluster_takes_it(world: World) -> None:
    given = world.issue("release", "deployer")["data"]
    assert (given["service_account_namespace"], given["service_account_name"]) == ("shop", "deployer")
    assert world.whoami(given["service_account_token"]) == "system:serviceaccount:shop:deployer"


def test_a_token_lives_no_longer_than_the_role_says(world: World) -> None:
    for wanted, seconds in (({}, 600), ({"ttl": "15m"}, 900), ({"ttl": "10h"}, 1200)):
        token = world.issue("release", "deployer", **wanted)["data"]["service_account_token"]
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims["exp"] - claims["iat"] == seconds


def test_an_account_is_made_for_one_token_with_the_listed_rights_and_goes_with_the_lease(world: World) -> None:
    given = world.issue("nightly", "settings", "shop-jobs")
    name, token = given["data"]["service_account_name"], given["data"]["service_account_token"]
    assert name.startswith("shop.settings-")
    assert world.whoami(token) == f"system:serviceaccount:shop-jobs:{name}"
    assert world.cluster.objects["roles", "shop-jobs", name]["rules"] == [
        {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["settings"], "verbs": ["get", "update"]}
    ]
    bound = world.cluster.objects["rolebindings", "shop-jobs", name]
    assert bound["roleRef"]["kind"] == "Role"
    assert [subject["name"] for subject in bound["subjects"]] == [name]

    world.sandbox.vault.root_client().sys.revoke_lease(given["lease_id"])
    assert world.whoami(token) == ""
    assert not [place for place in world.cluster.objects if place[2] == name]


@pytest.mark.parametrize(
    ("workload", "role", "wanted"),
    [
        ("release", "deployer", {"namespace": "shop-jobs"}),
        ("release", "deployer", {"namespace": "kube-system"}),
        ("nightly", "settings", {"namespace": "kube-system"}),
        ("nightly", "settings", {"cluster_role_binding": True}),
    ],
    ids=str,
)
def test_a_namespace_that_is_not_listed_and_a_right_for_the_whole_cluster_are_refused(
    world: World, workload: str, role: str, wanted: dict[str, Any]
) -> None:
    with pytest.raises(hvac.exceptions.InvalidRequest):
        world.issue(workload, role, **wanted)


def test_who_was_not_granted_it_gets_no_token(world: World) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        world.issue("nightly", "deployer")
    with pytest.raises(hvac.exceptions.Forbidden):
        world.issue("release", "settings")


@pytest.mark.parametrize("path", [f"{MOUNT}/config", f"{MOUNT}/roles/shop.deployer"])
def test_who_may_have_tokens_may_not_change_what_they_are(world: World, path: str) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        login(world.sandbox, world.deployed, "shop/release").write_data(path, data={"kubernetes_host": world.host})


def test_a_second_run_reports_no_changes_and_no_token_is_in_state_or_logs(world: World) -> None:
    given = world.issue("release", "deployer")["data"]["service_account_token"]
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()
    state = json.dumps(world.deployed.engine.export())
    for token in (given, world.manager):
        assert not canary.files_with(token, world.sandbox.directory, world.deployed.engine.work)
        assert not canary.is_in(token, state)
