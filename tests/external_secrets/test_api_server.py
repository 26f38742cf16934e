"""Every manifest on a real API server with the definitions of the External Secrets Operator: nothing dropped, nothing
added but their defaults, and a token as the operator asks for it is for the right audience."""

import base64
import json
from pathlib import Path

import pytest
from kubernetes.client import ApiException

from strongroom.external_secrets.document import external_secret, secret_store
from strongroom.external_secrets.records import ExternalSecret, SecretStore
from support.control_plane import ControlPlane
from support.deliveries import ENVIRONMENT, SHOP, project
from support.external_secrets_crds import PUBLISHED, also_serves, install, is_there_as_given, read_back
from support.projects import ProjectFolder

pytestmark = pytest.mark.engine
SERVER = "https://vault.example:8200"


@pytest.fixture(scope="module")
def namespace(cluster: ControlPlane) -> str:
    install(cluster)
    return cluster.namespace("shop")


@pytest.fixture
def folder(tmp_path: Path, namespace: str) -> ProjectFolder:
    """The project with every system, whose workload runs in a namespace of the cluster."""
    files = project(tmp_path)
    return files.write(SHOP, files.text(SHOP).replace("namespace: shop,", f"namespace: {namespace},"))


def test_every_manifest_is_there_as_it_was_given(cluster: ControlPlane, folder: ProjectFolder) -> None:
    plan = folder.plan("prod")
    stores, secrets = plan.of(SecretStore), plan.of(ExternalSecret)
    assert len(stores) == len({store.key for store in stores}) == 9
    for store in stores:
        is_there_as_given(cluster.admin, secret_store(store, SERVER))
    for secret in secrets:
        is_there_as_given(cluster.admin, external_secret(secret))


def test_every_option_is_there_as_it_was_given(cluster: ControlPlane, folder: ProjectFolder) -> None:
    folder.replace(
        ENVIRONMENT,
        "vault:\n  auth:\n",
        "vault:\n  auth:\n    machines: {approle: {}}\n    tls: {cert: {ca_pem: PEM}}\n",
    )
    folder.replace(ENVIRONMENT, "PEM", '"-----BEGIN CERTIFICATE-----\\nAA==\\n-----END CERTIFICATE-----"')
    pem = '"-----BEGIN CERTIFICATE-----\\nAA==\\n-----END CERTIFICATE-----"'
    folder.replace(
        ENVIRONMENT,
        'vault: {server: "https://vault.eu.example:8200"}',
        f'vault: {{server: "https://vault.eu.example:8200", login: approle, ca_pem: {pem}}}',
    )
    folder.replace(
        ENVIRONMENT,
        'external_secrets: {aws_role_arn: "',
        'external_secrets: {vault: {login: certificate, ca_provider: {config_map: trust}}, aws_role_arn: "',
    )
    ways = "{approle: {secret_id_uses: 1000, secret_id_ttl: 365d}}}, {runs_as: {certificate: {dns_san: web.example}}}"
    folder.replace(SHOP, "also: [{runs_as", f"also: [{{runs_as: {ways}, {{runs_as")
    folder.replace(
        SHOP,
        "kubernetes_secret: mail}",
        "kubernetes_secret: mail, refresh_policy: CreatedOnce, immutable: true, deletion_policy: Delete, "
        'template: {type: kubernetes.io/basic-auth, merge_policy: Merge, data: {url: "smtp://{{ .username }}"}, '
        "labels: {team: shop}, annotations: {acme.example/owner: shop}}}",
    )
    folder.replace(
        SHOP,
        "kubernetes_secret: maps,",
        "kubernetes_secret: maps, data_from: {extract: {rewrite: "
        '[{regexp: {source: "^", target: "MAPS_"}}, {transform: {template: "{{ .value | upper }}"}}]}},',
    )
    folder.replace(
        SHOP, "kubernetes_secret: ads,", "kubernetes_secret: ads, creation_policy: Merge, deletion_policy: Merge,"
    )
    assert folder.problems() == []
    plan = folder.plan("prod")
    for store in plan.of(SecretStore):
        is_there_as_given(cluster.admin, secret_store(store, SERVER, "acme"))
    for secret in plan.of(ExternalSecret):
        is_there_as_given(cluster.admin, external_secret(secret))


def test_manifests_for_an_old_operator_are_there_as_they_were_given(
    cluster: ControlPlane, folder: ProjectFolder, namespace: str
) -> None:
    # In a namespace of their own: what an object has of another version stays with it.
    folder.write(SHOP, folder.text(SHOP).replace(f"namespace: {namespace},", f"namespace: {cluster.namespace('old')},"))
    folder.replace(ENVIRONMENT, "      gke:", "      api_version: v1beta1\n      gke:")
    folder.replace(
        SHOP, "kubernetes_secret: mail}", "kubernetes_secret: mail, immutable: true, refresh_policy: OnChange}"
    )
    plan = folder.plan("prod")
    made = [secret_store(store, SERVER) for store in plan.of(SecretStore)]
    made += [external_secret(secret) for secret in plan.of(ExternalSecret)]
    old = [manifest for manifest in made if manifest["apiVersion"] == "external-secrets.io/v1beta1"]
    assert {manifest["kind"] for manifest in old} == {"SecretStore", "ExternalSecret"}
    with also_serves(cluster, "v1beta1"):
        for manifest in old:
            is_there_as_given(cluster.admin, manifest)


def test_what_the_definitions_do_not_know_is_refused_and_not_dropped(
    cluster: ControlPlane, folder: ProjectFolder
) -> None:
    manifest = external_secret(folder.plan("prod").of(ExternalSecret)[0])
    manifest["spec"]["target"]["creationPolicy"] = "Sometimes"
    if "ExternalSecret" not in PUBLISHED:  # ours take any spec
        assert read_back(cluster.admin, manifest)
        return
    with pytest.raises(ApiException, match="Sometimes"):
        read_back(cluster.admin, manifest)


def test_a_token_as_the_operator_asks_for_it_is_for_that_server_alone(
    cluster: ControlPlane, folder: ProjectFolder, namespace: str
) -> None:
    store = next(s for s in folder.plan("prod").of(SecretStore) if (s.name, str(s.place)) == ("web-kv", "us"))
    asked = secret_store(store, SERVER)["spec"]["provider"]["vault"]["auth"]["jwt"]["kubernetesServiceAccountToken"]
    cluster.service_account(namespace, asked["serviceAccountRef"]["name"])
    token = cluster.token(namespace, asked["serviceAccountRef"]["name"], *asked["audiences"])
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["aud"] == ["vault-prod"]
    assert claims["sub"] == f"system:serviceaccount:{namespace}:web"
