"""AWS auth in files and plans: one principal exactly, the environment's own header, and no secret."""

from pathlib import Path
from typing import Any, Final

import pytest

from strongroom.plan.logins import logins
from strongroom.spec.identity import Identity
from strongroom.vault.auth.aws.plan import AwsAuthMethod, AwsAuthRole, alias_of
from support.docs import example
from support.projects import COMMON, IDENTITY, PAYMENTS, ProjectFolder

METHOD: Final = """\
    cloud:
      aws:
        iam_server_id_header_value: "vault.acme.example/{{ environment }}"
        sts_region: eu-central-1
"""
KUBERNETES: Final = "runs_as: {kubernetes: {namespace: payments, service_account: checkout}}"
ROLE: Final = "arn:aws:iam::111122223333:role/checkout"


@pytest.fixture
def folder(folder: ProjectFolder) -> ProjectFolder:
    """The sound project, in which one workload is an IAM role."""
    folder.replace(COMMON, "    machines: {approle: {}}\n", f"    machines: {{approle: {{}}}}\n{METHOD}")
    return folder.replace(PAYMENTS, KUBERNETES, f'runs_as: {{aws_iam: {{principal_arn: "{ROLE}"}}}}')


def test_a_method_asks_the_sts_of_its_region_and_demands_the_header_of_its_environment(folder: ProjectFolder) -> None:
    assert folder.problems() == []
    assert folder.plan("prod").of(AwsAuthMethod) == (
        AwsAuthMethod(
            slice="platform",
            mount="cloud-prod",
            iam_server_id_header_value="vault.acme.example/prod",
            sts_endpoint="https://sts.eu-central-1.amazonaws.com",
            sts_region="eu-central-1",
            iam_endpoint=None,
            first_key_from=None,
            role_arn=None,
            identity_token_audience=None,
            identity_token_ttl_seconds=None,
            protect=True,
        ),
    )


def test_a_role_is_bound_to_exactly_what_its_workload_runs_as(folder: ProjectFolder) -> None:
    assert folder.plan("dev").of(AwsAuthRole) == (
        AwsAuthRole(
            slice="payments",
            mount="cloud-dev",
            name="payments.checkout",
            workload="payments/checkout",
            policies=("dev.payments.checkout",),
            token_ttl_seconds=3600,
            token_max_ttl_seconds=14400,
            principal_arn=ROLE,
            resolve_aws_unique_ids=True,
        ),
    )


def test_the_plan_says_how_each_workload_logs_in(folder: ProjectFolder) -> None:
    assert logins(folder.plan("prod"))["payments/checkout"] == {
        "method": "aws",
        "mount": "cloud-prod",
        "role": "payments.checkout",
    }


@pytest.mark.parametrize("arn", [ROLE, "arn:aws:iam::111122223333:role/team/payments/checkout"])
def test_the_identity_store_knows_a_principal_without_its_path(arn: str) -> None:
    assert alias_of(Identity.model_validate({"aws_iam": {"principal_arn": arn}})) == ROLE
    assert alias_of(Identity.model_validate({"approle": {}})) is None


@pytest.mark.parametrize(
    ("arn", "problem"),
    [
        ("arn:aws:iam::111122223333:role/*", "is a pattern, which others match too; name one exactly, such as"),
        ("arn:aws:iam::111122223333:root", "is everybody in the account"),
        ("arn:aws:sts::111122223333:assumed-role/checkout/i-1", "is one session of a role; name the role itself"),
        ("checkout", "is not the right ARN; write it as arn:aws:iam::111122223333:role/checkout"),
    ],
)
def test_whatever_would_be_several_principals_is_refused(folder: ProjectFolder, arn: str, problem: str) -> None:
    (said,) = folder.replace(PAYMENTS, ROLE, arn).problems()
    assert said.startswith(f"{PAYMENTS}:4:")
    assert problem in said


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            '        iam_server_id_header_value: "vault.acme.example/{{ environment }}"\n', "",
            "vault.auth.cloud.aws: 'iam_server_id_header_value' is missing",
        ),
        ("sts_region: eu-central-1", "sts_region: ''", "the region is empty"),
        (
            "sts_region: eu-central-1", "sts_region: eu-central-1\n        sts_endpoint: http://sts.acme.example",
            "the URL must begin with https://",
        ),
        ("vault.acme.example/{{ environment }}", "vault acme", "iam_server_id_header_value has U+0020 SPACE"),
        (
            "sts_region: eu-central-1",
            "sts_region: eu-central-1\n        resolve_aws_unique_ids: false\n"
            "        credentials: {first_key: {access_key: {pulumi_config: a}, secret_key: {pulumi_config: b}}}",
            "first_key has no meaning without resolve_aws_unique_ids; leave `credentials` out",
        ),
    ],
)  # fmt: skip
def test_mistakes_of_the_platform_are_refused_where_they_are_written(
    folder: ProjectFolder, old: str, new: str, problem: str
) -> None:
    said = folder.replace(COMMON, old, new).problems()
    assert any(problem in line and line.startswith(f"{COMMON}:1") for line in said), said


def test_a_principal_below_a_path_needs_unique_ids(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "role/checkout", "role/payments/checkout")
    assert folder.problems() == []
    said = folder.replace(COMMON, "sts_region:", "resolve_aws_unique_ids: false\n        sts_region:").problems()
    assert len(said) == 2  # once in dev, once in prod
    assert said[0].startswith(f"{PAYMENTS}:4:")
    assert "as the auth method of dev has no resolve_aws_unique_ids; turn that on" in said[0]


def test_openbao_is_refused_with_the_server_that_has_it(folder: ProjectFolder) -> None:
    (said,) = folder.replace(COMMON, "vault:\n", "vault:\n  flavour: openbao\n").problems()
    assert said.startswith(f"{COMMON}:1")
    assert "vault.auth.cloud.aws: OpenBao 2.7.2 has no AWS auth method; " in said


def test_a_workload_of_another_kind_does_not_log_in_here(folder: ProjectFolder) -> None:
    names: list[Any] = [role.workload for role in folder.plan("prod").of(AwsAuthRole)]
    assert names == ["payments/checkout"]
    folder.replace(IDENTITY, "runs_as: {kubernetes: {namespace: identity, service_account: login}}", "runs_as: {}")
    assert "no identity is given; name exactly one of: " in folder.problems()[0]
    assert "aws_iam" in folder.problems()[0]


def test_the_example_of_the_documentation_is_what_the_page_says(tmp_path: Path) -> None:
    project = example("vault/auth-aws.md", tmp_path)
    assert project.problems() == []
    (method,) = project.plan("prod").of(AwsAuthMethod)
    (role,) = project.plan("prod").of(AwsAuthRole)
    assert (method.mount, role.name, role.policies) == ("cloud-prod", "payments.checkout", ("prod.payments.checkout",))
