"""The same catalog in every store, by one line of the environment file; and workloads that only some systems know."""

from pathlib import Path

import pytest

from strongroom.plan.stored import StoredSecret
from support.docs import example
from support.projects import ProjectFolder

PROD = "environments/prod.yaml"
PAYMENTS = "catalog/payments.yaml"
STORES = {
    "vault": ("vault.kv.secret", "payments/stripe"),
    "aws": ("aws.secrets_manager.secret", "prod/payments/stripe"),
    "parameters": ("aws.parameter_store.secret", "/prod/payments/stripe"),
    "azure": ("azure.key_vault.secret", "payments--stripe"),
    "gcp": ("gcp.secret_manager.secret", "prod--payments--stripe"),
}
"""Store -> the kind of the record, and where payments/stripe is."""
EACH = pytest.mark.parametrize("store", STORES)


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    return example("stores.md", tmp_path)


def _keep_in(folder: ProjectFolder, store: str) -> None:
    folder.replace(PROD, "default_store: aws ", f"default_store: {store} ")


@EACH
def test_one_line_decides_which_system_keeps_a_catalog(folder: ProjectFolder, store: str) -> None:
    _keep_in(folder, store)
    kept = {secret.key: secret for secret in folder.plan("prod").of(StoredSecret)}
    assert kept.keys() == {"payments/bank-sftp", "payments/stripe"}
    assert {(secret.kind, secret.store) for secret in kept.values()} == {(STORES[store][0], store)}
    assert kept["payments/stripe"].path == STORES[store][1]
    assert kept["payments/stripe"].fields == ("api_key", "webhook_secret")


@EACH
def test_a_plan_has_nothing_of_the_systems_that_keep_nothing_but_what_was_declared_there(
    folder: ProjectFolder, store: str
) -> None:
    _keep_in(folder, store)
    team = {record.kind.partition(".")[0] for record in folder.plan("prod").cut("payments").records}
    assert team <= {"vault", STORES[store][0].partition(".")[0]}


@pytest.mark.parametrize("store", ["aws", "parameters", "azure", "gcp"])
def test_a_workload_that_no_platform_knows_is_who_the_environment_says(folder: ProjectFolder, store: str) -> None:
    _keep_in(folder, store)
    before = folder.plan("prod").as_json()
    assert any(who in before for who in ("role/settlement", "3d2c1b0a-9f8e", "settlement@acme-prod"))
    lines = [line for line in folder.text(PROD).splitlines() if "principals:" not in line]
    folder.write(PROD, "\n".join(lines) + "\n")
    (problem,) = folder.problems()
    assert "workloads.settlement.runs_as" in problem
    assert "principals`" in problem


def test_principals_are_workloads_that_there_are(folder: ProjectFolder) -> None:
    text = folder.text(PROD)
    folder.write(PROD, text.replace("principals: {payments/settlement:", "principals: {payments/setlement:"))
    unknown = [problem for problem in folder.problems() if "there is no workload 'payments/setlement'" in problem]
    assert len(unknown) == 3
    assert all("did you mean 'payments/settlement'?" in problem for problem in unknown)


@pytest.mark.parametrize(
    "identity",
    ["aws_service: {service: lambda}", "gcp_service_account: {email: checkout@acme-prod.iam.gserviceaccount.com}"],
)
def test_an_identity_of_a_cloud_beside_one_that_vault_knows_is_no_problem_there(
    folder: ProjectFolder, identity: str
) -> None:
    _keep_in(folder, "vault")
    service_account = "{kubernetes: {namespace: payments, service_account: checkout}}"
    folder.replace(PAYMENTS, service_account, f"{service_account}\n    also: [{{runs_as: {{{identity}}}}}]")
    assert folder.problems() == []


def test_a_workload_that_only_a_cloud_knows_cannot_read_from_vault(folder: ProjectFolder) -> None:
    _keep_in(folder, "vault")
    folder.replace(PAYMENTS, "{approle: {}}", "{aws_service: {service: lambda}}")
    (problem,) = folder.problems()
    assert "workloads.settlement.runs_as: is no identity that Vault knows" in problem
