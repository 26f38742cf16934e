"""An environment whose secrets are in its cluster, deployed by the real engine; then workloads read as themselves."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kubernetes.client import CoreV1Api, V1Secret
from kubernetes.client.exceptions import ApiException

from strongroom.values.channel import find, put
from strongroom.values.kubernetes_secrets import KubernetesSecretValues
from strongroom.values.store import NOTHING
from strongroom_sandbox.toolchain import Toolchain
from support import canary, command
from support.cloud_engine import Deployed, deploying
from support.control_plane import ControlPlane
from support.kubernetes_secrets import NAMESPACES, files_in

pytestmark = pytest.mark.engine

KEPT, BROUGHT, AGAIN = "canary-that-was-kept", "canary-that-was-brought", "canary-that-was-brought-later"


@dataclass
class World:
    """A cluster with an environment in it."""

    cluster: ControlPlane
    deployed: Deployed
    folder: Path
    at: dict[str, str]
    """The namespaces, by their names in the project."""

    @contextmanager
    def run_as(self, namespace: str, account: str) -> Iterator[CoreV1Api]:
        """Who has a token of a service account."""
        with self.cluster.client_as(self.at[namespace], account) as client:
            yield CoreV1Api(client)


@pytest.fixture(scope="module")
def world(cluster: ControlPlane, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    at = {name: cluster.namespace(name) for name in NAMESPACES}
    for namespace, account in (
        ("payments-prod", "checkout"),
        ("payments-prod", "stranger"),
        ("delivery-prod", "release"),
        ("search-prod", "indexer"),
        ("search-batch", "indexer"),
    ):
        cluster.service_account(at[namespace], account)
    folder = tmp_path_factory.mktemp("deployed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(cluster.kubeconfig))
        files = files_in(at, cluster.context, cluster.server)
        with deploying(toolchain, folder, files, "kubernetes", dict(os.environ)) as deployed:
            deployed.pulumi.set_secret("strongroom:mirror-password", BROUGHT)
            store, plan = KubernetesSecretValues(), deployed.project.plan("prod")
            put(store, find(plan, "payments/stripe"), {"api_key": KEPT, "webhook_secret": "two"}, NOTHING)
            put(store, find(plan, "search/engine"), {"password": "three"}, NOTHING)
            assert set(deployed.pulumi.up().changes) == {"create"}
            yield World(cluster, deployed, folder, at)


def _refused(request: Callable[[], Any]) -> bool:
    """Whether the API server says that the caller may not."""
    try:
        request()
    except ApiException as error:
        return bool(error.status == 403)
    return False


def test_a_workload_reads_what_it_was_granted_and_is_refused_all_else(world: World) -> None:
    payments = world.at["payments-prod"]
    with world.run_as("payments-prod", "checkout") as api:
        found = api.read_namespaced_secret("stripe", payments).data
        assert base64.b64decode(found["api_key"]).decode() == KEPT
        other = {"metadata": {"name": "own"}}
        assert _refused(lambda: api.list_namespaced_secret(payments))
        assert _refused(lambda: api.list_namespaced_secret(payments, watch=True))
        # RBAC can let somebody list what has one name only; nobody asked for it.
        assert _refused(lambda: api.list_namespaced_secret(payments, field_selector="metadata.name=stripe"))
        assert _refused(api.list_secret_for_all_namespaces)
        assert _refused(lambda: api.read_namespaced_secret("registry-login", payments))
        assert _refused(lambda: api.read_namespaced_secret("stripe", world.at["search-prod"]))
        assert _refused(lambda: api.read_namespaced_secret("engine", world.at["search-prod"]))
        assert _refused(lambda: api.patch_namespaced_secret("stripe", payments, {"stringData": {"api_key": "x"}}))
        assert _refused(lambda: api.create_namespaced_secret(payments, other))
        assert _refused(lambda: api.delete_namespaced_secret("stripe", payments))
        assert _refused(lambda: api.delete_collection_namespaced_secret(payments))


def test_whoever_was_granted_nothing_reads_nothing_though_in_the_same_namespace(world: World) -> None:
    with world.run_as("payments-prod", "stranger") as api:
        assert _refused(lambda: api.read_namespaced_secret("stripe", world.at["payments-prod"]))


def test_a_grant_reaches_over_namespaces_for_each_way_in_which_a_workload_runs(world: World) -> None:
    for namespace in ("search-prod", "search-batch"):
        with world.run_as(namespace, "indexer") as api:
            assert api.read_namespaced_secret("stripe", world.at["payments-prod"]).data
            assert api.read_namespaced_secret("engine", world.at["search-prod"]).data
            assert _refused(lambda api=api: api.read_namespaced_secret("web", world.at["payments-prod"]))


def test_who_may_write_changes_that_secret_and_makes_none(world: World) -> None:
    payments = world.at["payments-prod"]
    with world.run_as("delivery-prod", "release") as api:
        answer = api.patch_namespaced_secret("stripe", payments, {"stringData": {"webhook_secret": "new"}})
        assert answer.data["api_key"]  # so that who writes reads too: `write` alone is refused for that reason
        assert _refused(lambda: api.create_namespaced_secret(payments, {"metadata": {"name": "web"}}))
        assert _refused(lambda: api.patch_namespaced_secret("registry-login", payments, {"stringData": {"a": "b"}}))
    found = world.cluster.core.read_namespaced_secret("stripe", payments).data
    assert base64.b64decode(found["webhook_secret"]).decode() == "new"


def test_an_operator_brings_values_by_the_command_and_none_is_in_its_arguments(world: World, tmp_path: Path) -> None:
    variables = command.environment(tmp_path, KUBECONFIG=str(world.cluster.kubeconfig))

    def strongroom(*arguments: str, stdin: str = "") -> tuple[int, str]:
        done = command.strongroom(
            "values",
            *arguments,
            "--stack",
            "prod",
            cwd=world.deployed.project.root,
            environment=variables,
            stdin=stdin.encode(),
        )
        assert KEPT not in f"{done.args}{done.stdout}{done.stderr}"
        return done.returncode, done.stdout + done.stderr

    assert strongroom("put", "search/batch", stdin=json.dumps({"password": KEPT}))[0] == 0
    found = world.cluster.core.read_namespaced_secret("engine", world.at["search-batch"]).data
    assert base64.b64decode(found["password"]).decode() == KEPT
    code, told = strongroom("status", "--json")
    assert code == 0
    missing = {secret["secret"]: secret["missing"] for secret in json.loads(told)}
    assert missing["search/batch"] == []
    assert missing["payments/web"] == ["tls.crt", "tls.key"]
    code, said = strongroom("rm", "search/batch", "--yes")
    assert (code, "--destroy" in said) == (1, True)
    assert strongroom("rm", "search/batch", "--yes", "--destroy")[0] == 0
    with pytest.raises(ApiException):
        world.cluster.core.read_namespaced_secret("engine", world.at["search-batch"])


def test_a_stack_tells_where_its_secrets_are_and_no_value(world: World) -> None:
    told = world.deployed.pulumi.outputs()["kubernetes_secrets"]
    assert told["payments/stripe"] == {
        "cluster": "prod-eu",
        "namespace": world.at["payments-prod"],
        "name": "stripe",
        "keys": ["api_key", "webhook_secret"],
    }


def test_it_settles_whatever_values_have_become(world: World) -> None:
    assert world.deployed.pulumi.up("--refresh").changed == 0


def test_a_new_value_for_a_brought_secret_changes_it_where_it_is(world: World) -> None:
    def mirror() -> V1Secret:
        return world.cluster.core.read_namespaced_secret("mirror", world.at["platform-prod"])

    before = mirror()
    world.deployed.pulumi.set_secret("strongroom:mirror-password", AGAIN)
    # It is protected, so that replacing it would fail; and meanwhile there would be none.
    assert set(world.deployed.pulumi.up().changes) - {"same"} == {"update"}
    after = mirror()
    assert base64.b64decode(after.data["password"]).decode() == AGAIN
    assert after.metadata.uid == before.metadata.uid


def test_kept_values_are_in_no_state_and_brought_ones_only_encrypted(world: World) -> None:
    state = [path for path in canary.files_with("strongroom.payments.checkout", world.folder) if path.suffix == ".json"]
    assert state  # this is where it would be
    for value in (KEPT, BROUGHT, AGAIN):
        assert canary.files_with(value, world.folder) == []


def test_a_brought_secret_has_no_annotation_with_its_values(world: World) -> None:
    found = world.cluster.core.read_namespaced_secret("mirror", world.at["platform-prod"])
    plain = json.dumps(world.cluster.admin.sanitize_for_serialization(found.metadata))
    assert found.data
    for value in (BROUGHT, AGAIN):
        assert not canary.is_in(value, plain)
