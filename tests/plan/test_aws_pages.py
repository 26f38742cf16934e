"""The examples of the pages about AWS are sound, and become what the pages say."""

from pathlib import Path

import pytest

from strongroom.aws.audit.plan import AwsAlerts, AwsLogBucket, AwsTrail
from strongroom.aws.iam.plan import AwsPrincipalPolicy, AwsWorkloadRole
from strongroom.aws.kms.plan import KmsKey
from strongroom.aws.parameter_store.plan import AwsParameters
from strongroom.aws.parameters.plan import AwsPlainParameter
from strongroom.aws.secrets_manager.plan import AwsSecret
from support.docs import example
from support.toolchain import ROOT

PAGES = sorted(page.name for page in (ROOT / "docs/aws").glob("*.md"))


@pytest.mark.parametrize("page", PAGES)
def test_the_example_of_a_page_has_no_problems(page: str, tmp_path: Path) -> None:
    assert example(f"aws/{page}", tmp_path).problems() == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_listed(page: str) -> None:
    assert f"(aws/{page})" in (ROOT / "docs/README.md").read_text("utf-8")


def test_the_page_about_secrets_manager_names_what_its_example_becomes(tmp_path: Path) -> None:
    (secret,) = example("aws/secrets-manager.md", tmp_path).plan("prod").of(AwsSecret)
    assert (secret.path, secret.kms_key) == ("prod/shop/stripe", "alias/prod/secrets")


def test_the_page_about_iam_names_what_its_example_becomes(tmp_path: Path) -> None:
    plan = example("aws/iam.md", tmp_path).plan("prod")
    assert {role.name for role in plan.of(AwsWorkloadRole)} == {"prod.shop.web", "prod.shop.release", "prod.shop.batch"}
    assert {role.path for role in plan.of(AwsWorkloadRole)} == {"/strongroom/prod/"}
    assert [policy.principal_arn for policy in plan.of(AwsPrincipalPolicy)] == ["arn:aws:iam::111122223333:role/legacy"]


def test_the_page_about_keys_names_what_its_example_becomes(tmp_path: Path) -> None:
    (key,) = example("aws/kms.md", tmp_path).plan("prod").of(KmsKey)
    assert (key.alias, key.replicas, key.rotation_period_days) == ("alias/prod/main", ("eu-west-1",), 365)


def test_the_page_about_audit_names_what_its_example_becomes(tmp_path: Path) -> None:
    plan = example("aws/audit.md", tmp_path).plan("prod")
    text = (ROOT / "docs/aws/audit.md").read_text("utf-8")
    (bucket,), (trail,), (alerts,) = plan.of(AwsLogBucket), plan.of(AwsTrail), plan.of(AwsAlerts)
    for name in (bucket.name, trail.name, alerts.topic_name, alerts.topic_key):
        assert f"`{name}`" in text
    assert bucket.retention_days == 365
    # This environment keeps no parameters, and rotates nothing.
    assert [rule.short for rule in alerts.rules] == ["secrets", "emergency", "denied", "changes", "tampering", "rules"]
    assert all(f"| `{rule.short}` |" in text for rule in alerts.rules)


def test_the_page_about_parameter_store_names_what_its_example_becomes(tmp_path: Path) -> None:
    plan = example("aws/parameter-store.md", tmp_path).plan("prod")
    text = (ROOT / "docs/aws/parameter-store.md").read_text("utf-8")
    (secret,) = plan.of(AwsParameters)
    names = [secret.parameter(field) for field in secret.fields]
    assert (secret.tier, secret.expire_after_seconds, secret.notify_unchanged_after_seconds) == (
        "advanced",
        180 * 86400,
        90 * 86400,
    )
    for name in (*names, *(parameter.name for parameter in plan.of(AwsPlainParameter))):
        assert f"`{name}`" in text
