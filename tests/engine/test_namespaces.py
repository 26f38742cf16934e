"""A namespace: deployed with all that lies in it, and a world of its own for its clients."""

from typing import NamedTuple

import hvac
import hvac.exceptions
import pytest

from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support.deployed import Deployed, deploy
from support.sandbox import Sandboxes
from support.workloads import environment, login, runs_as

# On OpenBao only: of Vault, the Enterprise edition has namespaces.
pytestmark = pytest.mark.engine

CATALOG = {
    "team": "shop",
    "workloads": {"web": runs_as("web")},
    "secrets": {"key": {"fields": ["value"]}, "card": {"encryption_key": {}}},
    "grants": [
        {"workload": "web", "secret": "key", "can": ["read"]},
        {"workload": "web", "secret": "card", "can": ["encrypt"]},
    ],
}


class World(NamedTuple):
    sandbox: Sandbox
    inside: Deployed
    outside: Deployed


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, sandboxes: Sandboxes) -> World:
    sandbox = sandboxes("openbao")

    def deployed(name: str, **more: object) -> Deployed:
        files = environment(sandbox, name, {"transit": {"mount": "crypto"}})
        files["stores"]["kv"]["vault_kv"]["mount"] = "values"
        files["vault"]["auth"]["issuer"]["jwt"]["mount"] = "workloads"
        files["vault"] |= more
        return deploy(sandbox, toolchain, tmp_path_factory.mktemp("project"), files, [CATALOG])

    quota = {"logins": {"rate_limit": {"mount": "auth/workloads", "rate": 1000, "interval": "1h"}}}
    inside = deployed("inside", namespace={"path": "inside", "metadata": {"owner": "tests"}}, quotas=quota)
    # The same mounts, outside.
    return World(sandbox, inside, deployed("outside"))


def test_the_same_mounts_exist_inside_and_outside_with_values_of_their_own(world: World) -> None:
    for deployed in (world.inside, world.outside):
        deployed.deployment.fill(deployed.plan, print)
    values = set()
    for deployed in (world.inside, world.outside):
        client = login(world.sandbox, deployed, "shop/web")
        secret = client.secrets.kv.v2.read_secret_version(
            "shop/key", mount_point="values", raise_on_deleted_version=True
        )
        values.add(secret["data"]["data"]["value"])
        assert client.secrets.transit.encrypt_data("shop.card", "YQ==", mount_point="crypto")["data"]["ciphertext"]
    assert len(values) == 2


def test_a_login_of_one_is_nothing_to_the_other(world: World) -> None:
    inside, outside = (login(world.sandbox, d, "shop/web") for d in (world.inside, world.outside))
    inside.adapter.namespace, outside.adapter.namespace = "", "inside"
    for client in (inside, outside):
        with pytest.raises(hvac.exceptions.Forbidden):
            client.secrets.kv.v2.read_secret_version("shop/key", mount_point="values", raise_on_deleted_version=True)


def test_a_quota_of_a_mount_inside_counts_there_only(world: World) -> None:
    path = world.sandbox.vault.root_client().read("sys/quotas/rate-limit/inside.logins")["data"]["path"]
    assert path == "inside/auth/workloads/"


def test_a_second_run_reports_no_changes(world: World) -> None:
    assert world.inside.up().changes.keys() == {"same"}


def test_destroying_the_environment_takes_its_namespace_along_and_nothing_else(world: World) -> None:
    root = world.sandbox.vault.root_client()
    world.inside.engine.destroy()
    assert root.read("sys/namespaces/inside") is None
    assert "values/" in root.sys.list_mounted_secrets_engines()["data"]
