"""Certificate auth in files and plans: one authority, one exact name for each workload."""

from pathlib import Path
from typing import Any, Final

import pytest

from strongroom.plan.logins import logins
from support.docs import example
from support.projects import COMMON, PAYMENTS, ProjectFolder

PEM: Final = "-----BEGIN CERTIFICATE-----\\nMII=\\n-----END CERTIFICATE-----\\n"
METHOD: Final = f'    hosts: {{cert: {{ca_pem: "{PEM}"}}}}\n'


@pytest.fixture
def folder(folder: ProjectFolder) -> ProjectFolder:
    """The sound project, with a batch host that has a certificate."""
    folder.replace(COMMON, "    machines:", f"{METHOD}    machines:")
    host = "  batch:\n    runs_as: {certificate: {dns_san: batch.payments.example}}\n"
    folder.replace(PAYMENTS, "workloads:\n", f"workloads:\n{host}")
    return folder.append(PAYMENTS, "  - {workload: batch, secret: stripe, can: [read]}\n")


def _records(folder: ProjectFolder, stack: str, kind: str) -> list[dict[str, Any]]:
    return [r.as_json() for r in folder.plan(stack).records if r.kind == f"vault.auth.cert.{kind}"]


def test_a_role_binds_its_workloads_name_and_the_authority_in_the_form_that_settles(folder: ProjectFolder) -> None:
    assert folder.problems() == []
    assert [record["mount"] for record in _records(folder, "prod", "method")] == ["hosts-prod"]
    (role,) = _records(folder, "prod", "role")
    assert role["ca_pem"] == "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----"
    assert (role["slice"], role["name"], role["dns_san"], role["uri_san"], role["policies"]) == (
        "payments",
        "payments.batch",
        "batch.payments.example",
        None,
        ["prod.payments.batch"],
    )
    assert logins(folder.plan("prod"))["payments/batch"] == {
        "method": "cert",
        "mount": "hosts-prod",
        "role": "payments.batch",
    }


def test_a_uri_may_be_the_name(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "dns_san: batch.payments.example", '"uri_san": "spiffe://acme.example/payments/batch"')
    assert folder.problems() == []
    assert _records(folder, "dev", "role")[0]["uri_san"] == "spiffe://acme.example/payments/batch"


@pytest.mark.parametrize(
    "names",
    [
        '{dns_san: "*"}',
        '{dns_san: "*.payments.example"}',
        '{uri_san: "spiffe://acme.example/*"}',
        '{uri_san: "no uri"}',
        "{}",
        '{dns_san: a.example, uri_san: "spiffe://a/b"}',
    ],
)
def test_anything_but_one_exact_name_is_refused(folder: ProjectFolder, names: str) -> None:
    problems = folder.replace(PAYMENTS, "{dns_san: batch.payments.example}", names).problems()
    assert problems
    assert all("workloads.batch.runs_as.certificate" in problem for problem in problems)


@pytest.mark.parametrize(
    "pem", ["", PEM.replace("CERTIFICATE", "PUBLIC KEY"), PEM.replace("CERTIFICATE", "PRIVATE KEY")]
)
def test_what_is_no_certificate_of_an_authority_is_refused(folder: ProjectFolder, pem: str) -> None:
    problems = folder.replace(COMMON, PEM, pem).problems()
    assert problems
    assert all("vault.auth.hosts.cert" in problem for problem in problems)


def test_the_example_of_the_page_is_sound(tmp_path: Path) -> None:
    page = example("vault/auth-cert.md", tmp_path)
    assert page.problems() == []
    assert logins(page.plan("prod"))["payments/batch"]["role"] == "payments.batch"
