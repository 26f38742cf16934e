"""The manifests that deliveries become, system by system."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.external_secrets.document import external_secret, go_duration, secret_store, vault_provider
from strongroom.external_secrets.providers import VaultLogin, VaultProvider
from strongroom.external_secrets.records import ExternalSecret, SecretStore, ServiceAccount
from strongroom.external_secrets.stores.vault import asked, in_mount
from support.deliveries import ENVIRONMENT, SHOP, project
from support.external_secrets_crds import schema, unknown
from support.projects import ProjectFolder

MAIL = "kubernetes_secret: mail}"
SERVER = "https://vault.example:8200"


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    return project(tmp_path)


def _store(folder: ProjectFolder, name: str, cluster: str = "eu") -> dict[str, Any]:
    found = [s for s in folder.plan("prod").of(SecretStore) if (s.name, s.place.cluster) == (name, cluster)]
    provider: dict[str, Any] = secret_store(found[0], SERVER)["spec"]["provider"]
    return provider


def _secret(folder: ProjectFolder, name: str, cluster: str = "eu") -> dict[str, Any]:
    found = [s for s in folder.plan("prod").of(ExternalSecret) if (s.name, s.place.cluster) == (name, cluster)]
    return external_secret(found[0])


def test_a_store_in_vault_logs_in_with_a_token_for_that_server_alone(folder: ProjectFolder) -> None:
    account = {"name": "web", "audiences": ["vault-prod"]}
    assert _store(folder, "web-kv")["vault"] == {
        "server": "https://vault.eu.example:8200",
        "path": "kv-prod",
        "version": "v2",
        "auth": {"kubernetes": {"mountPath": "eu-prod", "role": "shop.web", "serviceAccountRef": account}},
    }


def test_of_several_audiences_of_a_jwt_method_the_token_is_for_one(folder: ProjectFolder) -> None:
    vault = _store(folder, "web-kv", "us")["vault"]
    token = {"serviceAccountRef": {"name": "web"}, "audiences": ["vault-prod"]}
    assert vault["auth"] == {"jwt": {"path": "us-prod", "role": "shop.web", "kubernetesServiceAccountToken": token}}
    assert vault["server"] == SERVER, "where the cluster names none, it is the stack's own"


def test_a_store_of_version_1_says_so(folder: ProjectFolder) -> None:
    vault = _store(folder, "web-old")["vault"]
    assert (vault["version"], vault["path"]) == ("v1", "legacy-prod")


def test_a_role_of_aws_is_taken_by_the_token_of_the_account_that_its_annotation_names(folder: ProjectFolder) -> None:
    aws = _store(folder, "web-aws")["aws"]
    assert aws == {
        "service": "SecretsManager",
        "region": "eu-central-1",
        "auth": {"jwt": {"serviceAccountRef": {"name": "web"}}},
    }
    (account,) = folder.plan("prod").of(ServiceAccount)
    assert dict(account.annotations)["eks.amazonaws.com/role-arn"].endswith(":role/strongroom/prod/prod.shop.web")
    assert (account.namespace, account.name, account.create) == ("shop", "web", False)
    assert account.azure_identity == "shop/web"


def test_with_pod_identity_the_operator_takes_the_role_and_says_for_which_store(folder: ProjectFolder) -> None:
    assert _store(folder, "web-aws", "us")["aws"] == {
        "service": "SecretsManager",
        "region": "eu-central-1",
        "role": "arn:aws:iam::111122223333:role/strongroom/prod/prod.shop.web",
        "sessionTagsPolicy": "Simple",
    }


def test_azure_google_and_the_cluster_itself_are_asked_as_the_workload(folder: ProjectFolder) -> None:
    assert _store(folder, "web-azure")["azurekv"]["serviceAccountRef"] == {"name": "web"}
    assert _store(folder, "web-azure")["azurekv"]["authType"] == "WorkloadIdentity"
    assert _store(folder, "web-gcp")["gcpsm"]["auth"]["workloadIdentity"] == {
        "serviceAccountRef": {"name": "web"},
        "clusterProjectID": "acme-gke",
        "clusterLocation": "europe-west3",
        "clusterName": "eu",
    }
    kubernetes = _store(folder, "web-cluster-risk")["kubernetes"]
    assert kubernetes["remoteNamespace"] == "risk"
    assert kubernetes["auth"] == {"serviceAccount": {"name": "web"}}


def test_without_a_word_about_the_cluster_google_is_asked_by_the_metadata_server(folder: ProjectFolder) -> None:
    folder.replace(ENVIRONMENT, "      gke: {location: europe-west3, name: eu}\n", "")
    assert _store(folder, "web-gcp")["gcpsm"]["auth"] == {"workloadIdentity": {"serviceAccountRef": {"name": "web"}}}


def test_every_field_is_delivered_by_its_name_unless_some_are_named(folder: ProjectFolder) -> None:
    assert [entry["secretKey"] for entry in _secret(folder, "stripe")["spec"]["data"]] == ["api_key", "webhook_secret"]
    assert _secret(folder, "scores")["spec"]["data"] == [
        {"secretKey": "SCORES_KEY", "remoteRef": {"key": "scores", "property": "key"}}
    ]
    assert _secret(folder, "maps")["spec"]["data"][0]["remoteRef"] == {"key": "shop--maps", "property": "key"}
    assert _secret(folder, "ads")["spec"]["data"][0]["remoteRef"] == {"key": "prod--shop--ads", "property": "key"}


def test_a_search_is_for_the_exact_parameters_of_the_secret(folder: ProjectFolder) -> None:
    (found,) = _secret(folder, "sms")["spec"]["dataFrom"]
    assert found["find"] == {
        "path": "/prod/shop/sms",
        "name": {"regexp": "^(/prod/shop/sms/user|/prod/shop/sms/key)$"},
    }
    folder.replace(SHOP, ", data_from: {find: {}}", "")
    assert [entry["remoteRef"] for entry in _secret(folder, "sms")["spec"]["data"]] == [
        {"key": "/prod/shop/sms/user"},
        {"key": "/prod/shop/sms/key"},
    ]


def test_a_whole_secret_can_have_its_keys_renamed_in_order(folder: ProjectFolder) -> None:
    rewrite = '[{regexp: {source: "^(.*)$", target: "mail_$1"}}, {transform: {template: "{{ .value | upper }}"}}]'
    folder.replace(
        SHOP, "kubernetes_secret: mail}", f"kubernetes_secret: mail, data_from: {{extract: {{rewrite: {rewrite}}}}}}}"
    )
    assert _secret(folder, "mail")["spec"]["dataFrom"] == [
        {
            "extract": {"key": "prod/shop/mail"},
            "rewrite": [
                {"regexp": {"source": "^(.*)$", "target": "mail_$1"}},
                {"transform": {"template": "{{ .value | upper }}"}},
            ],
        }
    ]


def test_what_the_secret_is_like_and_when_it_is_read_again_is_said_where_it_is_not_the_usual(
    folder: ProjectFolder,
) -> None:
    folder.replace(
        SHOP,
        "kubernetes_secret: mail}",
        "kubernetes_secret: mail, refresh_policy: CreatedOnce, immutable: true, deletion_policy: Delete, "
        "template: {type: kubernetes.io/basic-auth, labels: {team: shop}}}",
    )
    spec = _secret(folder, "mail")["spec"]
    assert spec["refreshPolicy"] == "CreatedOnce"
    assert "refreshInterval" not in spec
    assert spec["target"] == {
        "name": "mail",
        "creationPolicy": "Owner",
        "deletionPolicy": "Delete",
        "immutable": True,
        "template": {
            "type": "kubernetes.io/basic-auth",
            "engineVersion": "v2",
            "metadata": {"labels": {"team": "shop"}},
        },
    }


def test_an_old_operator_is_given_manifests_of_its_version(folder: ProjectFolder) -> None:
    folder.replace(ENVIRONMENT, "      gke:", "      api_version: v1beta1\n      gke:")
    versions = {
        external_secret(s)["apiVersion"] for s in folder.plan("prod").of(ExternalSecret) if str(s.place) == "eu"
    }
    assert versions == {"external-secrets.io/v1beta1"}


def test_an_old_operator_is_told_nothing_that_it_does_not_know(folder: ProjectFolder) -> None:
    # Where the published definitions are absent, nothing is known to be unknown.
    folder.replace(ENVIRONMENT, "      gke:", "      api_version: v1beta1\n      gke:")
    folder.replace(SHOP, MAIL, "kubernetes_secret: mail, refresh_policy: CreatedOnce, immutable: true, clusters: [eu]}")
    plan = folder.plan("prod")
    assert folder.problems() == []
    made = [secret_store(store) for store in plan.of(SecretStore) if str(store.place) == "eu"]
    made += [external_secret(secret) for secret in plan.of(ExternalSecret) if str(secret.place) == "eu"]
    for manifest in made:
        of = schema(manifest["kind"], "v1beta1")
        assert unknown(manifest["spec"], of["properties"]["spec"] if of else None) == []


def test_a_store_without_an_address_or_encryption_is_no_store(folder: ProjectFolder) -> None:
    store = next(s for s in folder.plan("prod").of(SecretStore) if (s.name, str(s.place)) == ("web-kv", "us"))
    with pytest.raises(ValueError, match="vault:address"):
        secret_store(store)
    with pytest.raises(ValueError, match="not encrypted"):
        secret_store(store, "http://vault.example:8200")


def _provider(**changed: Any) -> VaultProvider:
    login = VaultLogin(method="approle", mount="machines-prod", role="shop.web", secret="web-vault-login")
    plain = VaultProvider(
        server=SERVER, namespace="", ca_pem="", ca_config_map=None, ca_key=None, mount="kv", version="v2", login=login
    )
    return replace(plain, **changed)


def test_namespaces_lie_within_that_of_the_stack() -> None:
    assert "namespace" not in vault_provider(_provider())["vault"]
    assert vault_provider(_provider(namespace="prod"), namespace="acme")["vault"]["namespace"] == "acme/prod"


def test_the_authority_of_the_server_is_written_down_or_named() -> None:
    pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"
    bundle = vault_provider(_provider(ca_pem=pem))["vault"]["caBundle"]
    assert base64.b64decode(bundle).decode() == f"{pem}\n"
    named = vault_provider(_provider(ca_config_map="trust", ca_key="ca.crt"))["vault"]["caProvider"]
    assert named == {"type": "ConfigMap", "name": "trust", "key": "ca.crt"}


def test_a_login_without_a_service_account_reads_the_secret_that_somebody_brings() -> None:
    assert vault_provider(_provider())["vault"]["auth"] == {
        "appRole": {
            "path": "machines-prod",
            "roleRef": {"name": "web-vault-login", "key": "role_id"},
            "secretRef": {"name": "web-vault-login", "key": "secret_id"},
        }
    }
    login = VaultLogin(method="cert", mount="tls-prod", role="shop.web", secret="web-vault-login")
    assert vault_provider(_provider(login=login))["vault"]["auth"] == {
        "cert": {
            "path": "tls-prod",
            "vaultRole": "shop.web",
            "clientCert": {"name": "web-vault-login", "key": "tls.crt"},
            "secretRef": {"name": "web-vault-login", "key": "tls.key"},
        }
    }


def test_a_path_that_begins_with_the_name_of_its_mount_is_not_taken_for_the_mount() -> None:
    assert in_mount("kv", "kv/stripe", v2=True) == "kv/data/kv/stripe"
    assert asked("kv", "kv/stripe", "v2") == "kv/data/stripe", "which is why it is written otherwise"


_SEGMENT = st.sampled_from(["kv", "data", "shop", "kv-prod", "kv2"])


@given(
    mount=st.lists(_SEGMENT, min_size=1, max_size=2).map("/".join),
    path=st.lists(_SEGMENT, min_size=1, max_size=4).map("/".join),
    version=st.sampled_from(["v1", "v2"]),
)
def test_whatever_mount_and_path_are_called_the_operator_asks_for_the_secret(
    mount: str, path: str, version: str
) -> None:
    wanted = f"{mount}/data/{path}" if version == "v2" else f"{mount}/{path}"
    assert asked(mount, in_mount(mount, path, v2=version == "v2"), version) == wanted


@pytest.mark.parametrize(
    ("seconds", "text"), [(3600, "1h"), (86400, "24h"), (90, "90s"), (900, "15m"), (7776000, "2160h")]
)
def test_durations_are_written_as_go_reads_them(seconds: int, text: str) -> None:
    assert go_duration(seconds) == text
