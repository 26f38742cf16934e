"""Deliveries, deployed by the real engine to a real OpenBao and a real API server, and used as the operator would."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import hvac.exceptions
import pytest
from kubernetes.client import ApiException, CoreV1Api, CustomObjectsApi

from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support.as_operator import Operator
from support.canary import files_with, is_in
from support.control_plane import ControlPlane
from support.deployed import Deployed, deploy
from support.external_secrets_crds import also_serves, install

pytestmark = pytest.mark.engine

ENVIRONMENT: Final = "delivered"


class World(NamedTuple):
    sandbox: Sandbox
    cluster: ControlPlane
    operator: Operator
    shop: str
    """The namespace of the workloads."""
    deployed: Deployed
    project: Path


def _catalogs(shop: str) -> list[dict[str, Any]]:
    def workload(name: str) -> dict[str, Any]:
        return {"runs_as": {"kubernetes": {"namespace": shop, "service_account": name}}}

    delivery = {"workload": "checkout", "kubernetes_secret": "stripe", "secret": "stripe"}
    partner = {"workload": "checkout", "kubernetes_secret": "partner", "secret": "identity/partner"}
    ledger = {"workload": "report", "kubernetes_secret": "ledger", "secret": "ledger"}
    return [
        {
            "team": "payments",
            "workloads": {"checkout": workload("checkout"), "report": workload("report")},
            "secrets": {"stripe": {"fields": ["api_key", "webhook_secret"]}, "ledger": {"fields": ["key"]}},
            "grants": [
                {"workload": "checkout", "secret": "stripe", "can": ["read"]},
                {"workload": "report", "secret": "ledger", "can": ["read"]},
            ],
            "deliveries": [
                delivery,
                {**partner, "fields": {"CLIENT_ID": "client_id"}},
                {**ledger, "data_from": {"extract": {}}},
            ],
        },
        {
            "team": "identity",
            "secrets": {"partner": {"fields": ["client_id", "client_secret"]}},
            "grants": [{"workload": "payments/checkout", "secret": "partner", "can": ["read"]}],
        },
    ]


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, cluster: ControlPlane, toolchain: Toolchain
) -> Iterator[World]:
    install(cluster)
    shop = cluster.namespace("shop")
    for account in ("checkout", "report"):
        cluster.service_account(shop, account)
    login = {
        "accepts": ["kubernetes"],
        "audiences": [f"vault-{ENVIRONMENT}"],
        "oidc_discovery_url": cluster.kube.issuer,
        "ca_pem": cluster.kube.ca_pem,
    }
    vault = {"server": sandbox.vault.address, "ca_pem": sandbox.vault.ca_file.read_text()}
    environment = {
        "environment": ENVIRONMENT,
        "protect": False,
        "default_store": "kv",
        "stores": {"kv": {"vault_kv": {}}},
        "vault": {"flavour": sandbox.vault.flavour, "auth": {"cluster": {"jwt": login}}},
        "clusters": {
            "main": {"context": cluster.context, "server": cluster.server, "external_secrets": {"vault": vault}}
        },
    }
    folder = tmp_path_factory.mktemp("project")
    deployed = deploy(sandbox, toolchain, folder, environment, _catalogs(shop))
    deployed.deployment.fill(deployed.plan, print)
    yield World(sandbox, cluster, Operator(cluster, sandbox), shop, deployed, folder)
    deployed.engine.destroy()


def test_what_is_deployed_brings_the_values_that_the_workload_was_granted(world: World) -> None:
    stripe = world.operator.reconcile(world.shop, "stripe")
    assert stripe.keys() == {"api_key", "webhook_secret"}
    assert world.operator.reconcile(world.shop, "partner").keys() == {"CLIENT_ID"}
    ledger = world.operator.reconcile(world.shop, "ledger")
    assert ledger.keys() == {"key"}
    for value in (*stripe.values(), *ledger.values()):
        assert not is_in(value, str(world.deployed.engine.export()))
        assert not is_in(value, world.deployed.plan.as_json())
        assert files_with(value, world.project, world.sandbox.directory / "pulumi") == []
    _reads_its_own_by_name_and_nothing_else(world, stripe["api_key"])


def _reads_its_own_by_name_and_nothing_else(world: World, value: str) -> None:
    with world.cluster.client_as(world.shop, "checkout") as client:
        api = CoreV1Api(client)
        found = api.read_namespaced_secret("stripe", world.shop).data["api_key"]
        assert base64.b64decode(found).decode() == value
        for name in ("ledger", "stripe-2"):
            with pytest.raises(ApiException, match="Forbidden"):
                api.read_namespaced_secret(name, world.shop)
        with pytest.raises(ApiException, match="Forbidden"):
            api.list_namespaced_secret(world.shop)


def test_a_store_reads_nothing_that_its_workload_was_not_granted(world: World) -> None:
    client = world.operator.login(world.shop, "checkout-kv")
    for path in ("payments/ledger", "identity/session"):
        with pytest.raises(hvac.exceptions.Forbidden):
            client.secrets.kv.v2.read_secret_version(
                path, mount_point=f"kv-{ENVIRONMENT}", raise_on_deleted_version=False
            )
    with pytest.raises(hvac.exceptions.Forbidden):
        client.secrets.kv.v2.list_secrets("payments", mount_point=f"kv-{ENVIRONMENT}")


def test_the_same_account_elsewhere_or_with_another_audience_is_not_the_workload(world: World) -> None:
    elsewhere = world.cluster.namespace("elsewhere")
    world.cluster.service_account(elsewhere, "checkout")
    client = world.sandbox.vault.workload_client()
    for token in (
        world.cluster.token(elsewhere, "checkout", f"vault-{ENVIRONMENT}"),
        world.cluster.token(world.shop, "report", f"vault-{ENVIRONMENT}"),
        world.cluster.token(world.shop, "checkout", "vault"),
    ):
        with pytest.raises((hvac.exceptions.Forbidden, hvac.exceptions.InvalidRequest)):
            client.auth.jwt.jwt_login(role="payments.checkout", jwt=token, path=f"cluster-{ENVIRONMENT}")


def test_a_second_deployment_changes_nothing(world: World) -> None:
    assert set(world.deployed.up().changes) <= {"same"}


def test_an_operator_that_serves_another_version_finds_the_same_objects(world: World) -> None:
    # As others they could not be made beside what is there, and deleted first they would take the Secrets with them.
    file = world.project / f"stacks/environments/{ENVIRONMENT}.yaml"
    now = file.read_text()
    before = _identities(world)
    with also_serves(world.cluster, "v1beta1"):
        file.write_text(now.replace("external_secrets:", "external_secrets:\n      api_version: v1beta1"))
        changes = world.deployed.up().changes
        file.write_text(now)
        back = world.deployed.up().changes
    assert _identities(world) == before
    assert set(changes) | set(back) <= {"same", "update"}
    assert changes["update"] == len(before)


def _identities(world: World) -> dict[str, str]:
    listed = CustomObjectsApi(world.cluster.admin).list_namespaced_custom_object
    return {
        f"{plural}/{found['metadata']['name']}": found["metadata"]["uid"]
        for plural in ("secretstores", "externalsecrets")
        for found in listed("external-secrets.io", "v1", world.shop, plural)["items"]
    }
