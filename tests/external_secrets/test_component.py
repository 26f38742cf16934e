"""Stores, deliveries and accounts on mocks: what is made, whose child it is, in which order, and what is refused."""

from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from strongroom.errors import StrongroomError
from strongroom.external_secrets import seen
from strongroom.external_secrets.component import ExternalSecretDeliveries, ExternalSecretStores, deploy
from strongroom.external_secrets.records import ExternalSecret, SecretStore, ServiceAccount
from strongroom.plan.plan import Plan
from strongroom.stage import Stage
from support.deliveries import ENVIRONMENT, project
from support.mocks import Recording, record

STORE = "kubernetes:external-secrets.io/v1:SecretStore"
SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return _plan(tmp_path_factory.mktemp("project"))


def _plan(folder: Path, service_accounts: str = "patch") -> Plan:
    files = project(folder)
    files.replace(ENVIRONMENT, "      gke:", f"      service_accounts: {service_accounts}\n      gke:")
    return files.plan("prod")


def _deployed(plan: Plan, **config: str) -> Recording:
    def program() -> None:
        right = pulumi.ComponentResource("strongroom:index:Right", "right")
        kubernetes.core.v1.ConfigMap("role", opts=pulumi.ResourceOptions(parent=right))
        client = pulumi.Output.from_input("CLIENT")
        stage = Stage(secret=lambda *_: None, rights=[right], azure_client_ids={"shop/web": client})
        deploy(plan, stage)

    return record(program, config=config or {"vault:address": "https://vault.example:8200"})


def test_everything_is_in_the_cluster_that_it_is_for(plan: Plan) -> None:
    made = _deployed(plan)
    for resource in made.of(STORE) + made.of(SECRET):
        cluster = "us" if "prod-us-" in resource.name else "eu"
        assert resource.provider == f"kubernetes-{cluster}"
        assert resource.parent in {f"prod-{cluster}-secret-stores", f"prod-{cluster}-external-secrets"}
    assert len(made.of(STORE)) == len(plan.of(SecretStore))
    assert len(made.of(SECRET)) == len(plan.of(ExternalSecret))


def test_a_manifest_arrives_as_it_is(plan: Plan) -> None:
    stripe = _deployed(plan).named("prod-eu-external-secrets-shop/stripe")
    assert stripe.inputs == {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {
            "name": "stripe",
            "namespace": "shop",
            "annotations": {"pulumi.com/patchForce": "true"},  # what was changed by hand is as it was declared again
        },
        "spec": {
            "refreshInterval": "15m",
            "secretStoreRef": {"name": "web-kv", "kind": "SecretStore"},
            "target": {"name": "stripe", "creationPolicy": "Owner"},
            "data": [
                {"secretKey": field, "remoteRef": {"key": "shop/stripe", "property": field}}
                for field in ("api_key", "webhook_secret")
            ],
        },
    }
    assert not stripe.secrets, "there is nothing in it that nobody may see"


def test_whoever_a_workload_is_comes_first_then_its_stores_then_what_they_deliver(plan: Plan) -> None:
    made = _deployed(plan)
    stores = made.waits_for("prod-eu-secret-stores-shop/web-kv")
    assert {"role", "prod-eu-service-accounts-shop/web"} <= stores
    delivered = made.waits_for("prod-eu-external-secrets-shop/stripe")
    assert "prod-eu-secret-stores-shop/web-kv" in delivered
    assert not [name for name in delivered if name.startswith("prod-us-")]


def test_of_an_account_that_others_make_only_the_annotations_are_ours(plan: Plan, tmp_path: Path) -> None:
    annotations = {
        "azure.workload.identity/client-id": "CLIENT",
        "azure.workload.identity/tenant-id": "8a4c0a5e-6b0f-4c0e-9d55-1f0a3c1d2e3f",
        "eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/strongroom/prod/prod.shop.web",
    }
    (patched,) = _deployed(plan).of("kubernetes:core/v1:ServiceAccountPatch")
    assert patched.inputs["metadata"] == {"name": "web", "namespace": "shop", "annotations": annotations}
    (made,) = _deployed(_plan(tmp_path, "create")).of("kubernetes:core/v1:ServiceAccount")
    assert made.inputs["metadata"] == patched.inputs["metadata"]


def test_where_accounts_are_left_alone_none_is_touched(tmp_path: Path) -> None:
    plan = _plan(tmp_path, "none")
    assert not plan.of(ServiceAccount)
    assert not [resource for resource in _deployed(plan).resources if "ServiceAccount" in resource.type]


def test_a_store_sees_vault_where_the_stack_does_unless_the_cluster_says_where(plan: Plan) -> None:
    config = {"vault:address": "https://here.example:8200", "vault:namespace": "acme"}
    made = _deployed(plan, **config)

    def vault(cluster: str) -> dict[str, Any]:
        found: dict[str, Any] = made.named(f"prod-{cluster}-secret-stores-shop/web-kv").inputs["spec"]["provider"]
        return found["vault"]

    assert vault("us")["server"] == "https://here.example:8200"
    assert vault("eu")["server"] == "https://vault.eu.example:8200"
    assert {vault("eu")["namespace"], vault("us")["namespace"]} == {"acme"}


@pytest.mark.parametrize("config", [{"vault:namespace": "acme"}, {"vault:address": "http://vault.example:8200"}])
def test_without_an_address_of_vault_that_is_encrypted_nothing_is_made(plan: Plan, config: dict[str, str]) -> None:
    with pytest.raises(StrongroomError, match=r"in `clusters\.us\.external_secrets\.vault\.server`"):
        record(lambda: seen.check(plan, Stage(secret=lambda *_: None)), config=config)


def test_whoever_says_where_vault_is_needs_no_address_of_the_stack(plan: Plan) -> None:
    eu = Plan("prod", "all", tuple(r for r in plan.records if str(getattr(r, "place", "")) != "us"))
    record(lambda: seen.check(eu, Stage(secret=lambda *_: None)))


@pytest.mark.parametrize("component", [ExternalSecretStores, ExternalSecretDeliveries])
@pytest.mark.parametrize(
    "manifest",
    [
        {"kind": "ClusterSecretStore", "metadata": {"name": "all"}},
        {"kind": "SecretStore", "metadata": {"name": "nowhere"}},
        {"kind": "Secret", "metadata": {"name": "plain", "namespace": "shop"}},
    ],
)
def test_a_component_takes_manifests_of_its_kind_in_a_namespace_only(component: Any, manifest: dict[str, Any]) -> None:
    args = {"manifests": [{"apiVersion": "external-secrets.io/v1", "spec": {}, **manifest}]}
    with pytest.raises(ValueError, match="of a namespace"):
        record(lambda: component("it", args))
