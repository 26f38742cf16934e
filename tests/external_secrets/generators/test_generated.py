"""Secrets whose values no store has: passwords, identifiers, and logins at registries."""

import json
import re
from pathlib import Path

import pytest

from strongroom.external_secrets.document import external_secret
from strongroom.external_secrets.generators.component import ExternalSecretGenerators
from strongroom.external_secrets.generators.document import generator
from strongroom.external_secrets.generators.records import Generator
from strongroom.external_secrets.operator.plan import AccountTokens
from strongroom.external_secrets.records import ExternalSecret
from strongroom.program import deploy
from strongroom.stage import Stage
from support.external_secrets_operator import ENVIRONMENT, FILES, GENERATED
from support.mocks import record
from support.projects import ProjectFolder


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder(tmp_path, FILES).append(ENVIRONMENT, GENERATED)


def _spec(project: ProjectFolder, name: str) -> dict[str, object]:
    (found,) = [g for g in project.plan("prod").of(Generator) if g.name == name]
    spec: dict[str, object] = generator(found)["spec"]
    return spec


def test_a_password_is_long_and_made_once(project: ProjectFolder) -> None:
    assert _spec(project, "session-key") == {
        "length": 64,
        "digits": 8,
        "symbols": 0,
        "noUpper": False,
        "allowRepeat": True,
        "encoding": "raw",
    }
    (found,) = [s for s in project.plan("prod").of(ExternalSecret) if s.name == "session-key"]
    spec = external_secret(found)["spec"]
    assert spec["refreshPolicy"] == "CreatedOnce"
    assert "refreshInterval" not in spec
    assert spec["target"]["template"]["data"] == {"key": "{{ .password }}"}
    assert found.slice == "platform"


def test_a_login_at_a_registry_is_a_pull_secret_that_is_made_anew_in_time(project: ProjectFolder) -> None:
    by_name = {s.name: external_secret(s)["spec"] for s in project.plan("prod").of(ExternalSecret)}
    assert {name: by_name[name]["refreshInterval"] for name in ("ecr", "gcr", "acr")} == {
        "ecr": "6h",
        "gcr": "30m",
        "acr": "1h",
    }
    for name, registry in (
        ("ecr", "{{ .proxy_endpoint | trimPrefix `https://` }}"),
        ("gcr", "europe-docker.pkg.dev"),
        ("acr", "acme.azurecr.io"),
    ):
        template = by_name[name]["target"]["template"]
        assert template["type"] == "kubernetes.io/dockerconfigjson"
        found = json.loads(template["data"][".dockerconfigjson"])
        assert list(found["auths"]) == [registry]
        assert not re.search(r'\{\{[^}]*"', template["data"][".dockerconfigjson"])


def test_each_registry_is_asked_as_the_service_account_of_the_workload(project: ProjectFolder) -> None:
    assert _spec(project, "ecr") == {
        "region": "eu-central-1",
        "scope": "private",
        "auth": {"jwt": {"serviceAccountRef": {"name": "checkout"}}},
    }
    assert _spec(project, "gcr") == {
        "projectID": "acme-prod",
        "auth": {
            "workloadIdentity": {
                "serviceAccountRef": {"name": "checkout"},
                "clusterProjectID": "acme-prod",
                "clusterLocation": "europe-west3",
                "clusterName": "shop",
            }
        },
    }
    assert _spec(project, "acr") == {
        "registry": "acme.azurecr.io",
        "tenantId": "11111111-2222-3333-4444-555555555555",
        "auth": {"workloadIdentity": {"serviceAccountRef": {"name": "refunds"}}},
    }
    accounts = {t.service_account for t in project.plan("prod").of(AccountTokens)}
    assert accounts == {"checkout", "refunds"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("length: 64", "length: 23", "must be at least 24"),
        ("length: 64", "length: 24, digits: 20, symbols: 8", "do not fit into 24 characters"),
        ("{uuid: {}}", "{fake: {data: {a: b}}}", "it is for tests only"),
        ("{uuid: {}}", "{uuid: {}, password: {}}", "exactly one of"),
        ("{region: eu-central-1}}}", "{region: eu-central-1}}, refresh: 12h}", "write less than 12h"),
        ("{region: eu-central-1}", "{region: eu-central-1, public: true}", "write `region: us-east-1`"),
        ("workload: payments/refunds", "workload: payments/refund", "did you mean 'payments/refunds'?"),
        ("kubernetes_secret: acr", "kubernetes_secret: ecr", "is that of `generated.acr` too"),
        ("kubernetes_secret: installation", "kubernetes_secret: stripe", "a delivery of payments/checkout too"),
        ("      gke: {location: europe-west3, name: shop}\n", "", "add `clusters.eu.external_secrets.gke`"),
    ],
)
def test_what_cannot_be_is_said(project: ProjectFolder, old: str, new: str, said: str) -> None:
    project.replace(ENVIRONMENT, old, new)
    assert any(said in problem for problem in project.problems()), project.problems()


def test_generators_come_after_the_operator_and_before_what_refers_to_them(
    project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strongroom.kubernetes.kubeconfig.check", lambda _: None)
    plan = project.plan("prod")
    made = record(lambda: deploy(plan, Stage(secret=lambda *_: None)))
    (password,) = made.of("kubernetes:generators.external-secrets.io/v1alpha1:Password")
    assert "prod-eu-operator-release" in made.waits_for(password.name)
    for secret in made.of("kubernetes:external-secrets.io/v1:ExternalSecret"):
        assert password.name in made.waits_for(secret.name)
    assert not password.secrets


def test_the_component_takes_no_generator_with_values_in_its_manifest() -> None:
    fake = {
        "apiVersion": "generators.external-secrets.io/v1alpha1",
        "kind": "Fake",
        "metadata": {"name": "a", "namespace": "b"},
        "spec": {},
    }
    with pytest.raises(ValueError, match="Fake a is no generator"):
        record(lambda: ExternalSecretGenerators("generators", {"manifests": [fake]}) and None)
