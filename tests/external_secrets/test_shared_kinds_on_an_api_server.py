"""Every manifest of generators, of stores and Secrets for namespaces, and of pushes, applied to a real API server
strictly, and there as it was given. Which kinds have their published definition: `support.external_secrets_crds`."""

from typing import Any

import pytest
import yaml
from kubernetes.client import ApiException

from strongroom.external_secrets.cluster.document import cluster_external_secret, cluster_secret_store
from strongroom.external_secrets.cluster.records import ClusterExternalSecret, ClusterSecretStore
from strongroom.external_secrets.document import external_secret
from strongroom.external_secrets.generators.document import generator
from strongroom.external_secrets.generators.records import Generator
from strongroom.external_secrets.migrate.rewrite import rewrite
from strongroom.external_secrets.push.document import push_secret
from strongroom.external_secrets.push.records import PushSecret
from strongroom.external_secrets.records import ExternalSecret
from support.control_plane import ControlPlane
from support.external_secrets_crds import KINDS, PUBLISHED, install, is_there_as_given, read_back
from support.external_secrets_operator import ENVIRONMENT, FILES, FOR_NAMESPACES, GENERATED, PAYMENTS
from support.projects import ProjectFolder

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    project = (
        ProjectFolder(tmp_path_factory.mktemp("project"), FILES)
        .replace(ENVIRONMENT, "stores:\n", "stores:\n  made: {vault_kv: {cas_required: false}}\n")
        .append(ENVIRONMENT, GENERATED + FOR_NAMESPACES)
        .replace(PAYMENTS, "secrets:\n", "secrets:\n  signing: {fields: [key], store: made}\n")
        .replace(PAYMENTS, "grants:\n", "grants:\n  - {workload: refunds, secret: signing, can: [read, write]}\n")
        .replace(
            PAYMENTS,
            "deliveries:\n",
            "pushes:\n  - {workload: refunds, secret: signing, kubernetes_secret: signing, clusters: [eu]}\n"
            "deliveries:\n  - {workload: checkout, secret: orders-db, kubernetes_secret: orders-db, refresh: 30m}\n",
        )
    )
    plan = project.plan("prod")
    return [
        *map(generator, plan.of(Generator)),
        *map(external_secret, plan.of(ExternalSecret)),
        *map(cluster_secret_store, plan.of(ClusterSecretStore)),
        *map(cluster_external_secret, plan.of(ClusterExternalSecret)),
        *map(push_secret, plan.of(PushSecret)),
    ]


@pytest.fixture(scope="module")
def namespace(cluster: ControlPlane) -> str:
    install(cluster)
    return cluster.namespace("payments")


def test_all_of_them_are_there_as_they_were_given(
    cluster: ControlPlane, namespace: str, manifests: list[dict[str, Any]]
) -> None:
    assert {manifest["kind"] for manifest in manifests} == KINDS.keys() - {"SecretStore"}
    for manifest in manifests:
        if "namespace" in manifest["metadata"]:
            manifest["metadata"]["namespace"] = namespace
        is_there_as_given(cluster.admin, manifest)


@pytest.mark.skipif("ClusterSecretStore" not in PUBLISHED, reason="the published definitions are not here")
def test_a_field_that_the_operator_does_not_know_is_refused(
    cluster: ControlPlane, namespace: str, manifests: list[dict[str, Any]]
) -> None:
    assert namespace
    (store,) = [manifest for manifest in manifests if manifest["kind"] == "ClusterSecretStore"]
    store["spec"]["condition"] = store["spec"].pop("conditions")
    with pytest.raises(ApiException, match="field not declared in schema"):
        read_back(cluster.admin, store)


def test_a_manifest_that_was_migrated_is_served_and_the_one_before_is_not(
    cluster: ControlPlane, namespace: str
) -> None:
    text = (
        "apiVersion: external-secrets.io/v1beta1\nkind: ExternalSecret\nmetadata: {name: old}\n"
        "spec:\n  refreshInterval: 1h\n  secretStoreRef: {name: aws-secrets, kind: SecretStore}\n"
        "  target: {name: old, creationPolicy: Owner}\n"
        "  data: [{secretKey: username, remoteRef: {key: myapp/prod/db-creds, property: username}}]\n"
    )
    before, after = (yaml.safe_load(found) for found in (text, rewrite(text, "m.yaml").text))
    for manifest in (before, after):
        manifest["metadata"]["namespace"] = namespace
    with pytest.raises(ApiException) as refused:
        read_back(cluster.admin, before)
    assert refused.value.status == 404
    is_there_as_given(cluster.admin, after)
