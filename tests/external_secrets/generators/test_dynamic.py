"""Deliveries of what Vault makes on demand: which path a generator asks, as whom, and how often."""

from pathlib import Path

import pytest

from strongroom.external_secrets.document import external_secret
from strongroom.external_secrets.generators.document import generator
from strongroom.external_secrets.generators.records import Generator
from strongroom.external_secrets.operator.plan import AccountTokens
from strongroom.external_secrets.records import ExternalSecret, SecretStore
from strongroom.vault.policy.plan import Policy
from support.external_secrets_operator import ENVIRONMENT, FILES, PAYMENTS
from support.projects import ProjectFolder

DATABASE = "  - {workload: checkout, secret: orders-db, kubernetes_secret: orders-db, refresh: 30m}\n"
STORED = "  - {workload: checkout, secret: stripe, kubernetes_secret: stripe}\n"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder(tmp_path, FILES).replace(PAYMENTS, STORED, DATABASE)


def test_credentials_of_a_database_are_asked_for_as_the_workload_where_its_grant_says(project: ProjectFolder) -> None:
    plan = project.plan("prod")
    assert plan.of(SecretStore) == ()
    (found,) = plan.of(Generator)
    assert generator(found) == {
        "apiVersion": "generators.external-secrets.io/v1alpha1",
        "kind": "VaultDynamicSecret",
        "metadata": {"name": "orders-db", "namespace": "payments"},
        "spec": {
            "path": "/database-prod/creds/payments.orders-db",
            "method": "GET",
            "resultType": "Data",
            "provider": {
                "server": "https://vault.example:8200",
                "auth": {
                    "jwt": {
                        "path": "cluster-prod",
                        "role": "payments.checkout",
                        "kubernetesServiceAccountToken": {
                            "serviceAccountRef": {"name": "checkout"},
                            "audiences": ["vault-prod"],
                        },
                    }
                },
            },
        },
    }
    (policy,) = [p for p in plan.of(Policy) if p.name == "prod.payments.checkout"]
    assert 'path "database-prod/creds/payments.orders-db"' in policy.text


def test_the_secret_has_the_login_and_not_what_changes_with_each_reading(project: ProjectFolder) -> None:
    (found,) = project.plan("prod").of(ExternalSecret)
    spec = external_secret(found)["spec"]
    assert spec["refreshInterval"] == "30m"
    assert "secretStoreRef" not in spec
    assert spec["dataFrom"] == [
        {
            "sourceRef": {
                "generatorRef": {
                    "apiVersion": "generators.external-secrets.io/v1alpha1",
                    "kind": "VaultDynamicSecret",
                    "name": "orders-db",
                }
            }
        }
    ]
    assert spec["target"]["template"]["data"] == {"username": "{{ .username }}", "password": "{{ .password }}"}


def test_fields_name_the_keys_and_a_template_takes_their_place(project: ProjectFolder) -> None:
    project.replace(PAYMENTS, "refresh: 30m}", "refresh: 30m, fields: {PGUSER: username}}")
    (found,) = project.plan("prod").of(ExternalSecret)
    assert found.template is not None
    assert found.template.data == (("PGUSER", "{{ .username }}"),)
    project.replace(
        PAYMENTS, "fields: {PGUSER: username}", 'template: {data: {url: "postgresql://{{ .username }}@orders"}}'
    )
    (found,) = project.plan("prod").of(ExternalSecret)
    assert found.template is not None
    assert found.template.data == (("url", "postgresql://{{ .username }}@orders"),)


def test_the_operator_may_be_the_account_that_asks(project: ProjectFolder) -> None:
    assert [t.service_account for t in project.plan("prod").of(AccountTokens)] == ["checkout"]


def test_certificates_are_issued_for_the_names_of_the_secret_to_who_may_be_issued_them(project: ProjectFolder) -> None:
    project.replace(
        ENVIRONMENT,
        "  engines:\n",
        "  engines:\n    pki: {root: {common_name: Root, ttl: 3650d}, "
        "intermediate: {common_name: Issuing, ttl: 1825d}, "
        "domains: {payments: [checkout.example, pay.example]}}\n",
    ).replace(
        PAYMENTS,
        "secrets:\n",
        "secrets:\n  tls: {certificate: {allowed_domains: [checkout.example, pay.example], ttl: 24h}}\n",
    ).replace(
        PAYMENTS,
        "deliveries:\n",
        "deliveries:\n  - {workload: checkout, secret: tls, kubernetes_secret: tls, refresh: 8h, "
        "template: {type: kubernetes.io/tls, data: {tls.crt: '{{ .certificate }}', tls.key: '{{ .private_key }}'}}}\n",
    )
    (problem,) = project.problems()
    assert "payments/checkout may not read payments/tls" in problem
    assert "can: [issue]" in problem
    project.replace(PAYMENTS, "grants:\n", "grants:\n  - {workload: checkout, secret: tls, can: [issue]}\n")
    (found,) = [g for g in project.plan("prod").of(Generator) if g.name == "tls"]
    spec = generator(found)["spec"]
    assert (spec["path"], spec["method"]) == ("/pki-prod/issue/payments.tls", "POST")
    assert spec["parameters"] == {"common_name": "checkout.example", "alt_names": "pay.example"}


@pytest.mark.parametrize(
    ("change", "said", "remedy"),
    [
        ("refresh: 1h", "good for 1h, and made anew every 1h only", "write `refresh: 40m` or shorter"),
        ("refresh_policy: CreatedOnce", "ends or changes", "use Periodic"),
        ("refresh: 30m, fields: {user: usernam}", "has no field 'usernam'", "did you mean 'username'?"),
        ("refresh: 30m, data_from: {extract: {}}", "is in no store", "leave it out"),
        ("refresh: 30m, secret_store: mine", "is in no store", "leave it out"),
        ("refresh: 30m, template: {data: {u: '{{ .user }}'}}", "the template names '.user'", "password, username"),
        (
            "refresh: 30m, template: {type: kubernetes.io/tls, data: {u: '{{ .username }}'}}",
            "kubernetes.io/tls",
            "name it in `fields` or in the template's `data`",
        ),
        (
            "refresh: 30m, fields: {u: username}, template: {data: {u: '{{ .username }}'}}",
            "`fields` do not matter",
            "leave out `fields`",
        ),
    ],
)
def test_what_does_not_fit_is_said_with_its_remedy(project: ProjectFolder, change: str, said: str, remedy: str) -> None:
    (problem,) = project.replace(PAYMENTS, "refresh: 30m", change).problems()
    assert problem.startswith("catalog/payments.yaml:")
    assert said in problem
    assert remedy in problem


def test_a_workload_that_cannot_log_in_is_said(project: ProjectFolder) -> None:
    project.replace(
        ENVIRONMENT, 'vault: {server: "https://vault.example:8200"}', "vault: {login: certificate}"
    )  # fmt: skip
    (problem,) = project.problems()
    assert "payments/checkout does not log in at Vault as a certificate" in problem
