"""How plans and ages look."""

from datetime import timedelta
from pathlib import Path

import pytest

from strongroom.cli.show import duration_of, plan_text
from support.docs import example


@pytest.mark.parametrize(
    ("age", "shown"),
    [
        (timedelta(0), "0s"),
        (timedelta(seconds=-5), "0s"),
        (timedelta(seconds=59.9), "59s"),
        (timedelta(seconds=60), "1m"),
        (timedelta(minutes=119), "1h"),
        (timedelta(hours=47), "1d"),
        (timedelta(days=400), "400d"),
    ],
)
def test_an_age_is_shown_in_its_largest_whole_unit(age: timedelta, shown: str) -> None:
    assert duration_of(age) == shown


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("mfa", "issuer=Acme Vault, algorithm=SHA1, digits=6"),
        ("mfa", "integration_key=pulumi_config duo-integration-key"),
        ("identity", "aliases mount cluster-prod name ledger/audit role ledger.audit"),
        ("tokens", "renewable false; explicit max ttl 1h"),
    ],
)
def test_what_stands_in_what_is_shown_in_words(page: str, shown: str, tmp_path: Path) -> None:
    text = plan_text(example(f"vault/{page}.md", tmp_path).plan("prod"))
    assert shown in " ".join(text.split())


def test_policies_of_aws_are_shown_statement_by_statement_with_whole_arns(tmp_path: Path) -> None:
    text = plan_text(example("aws/secrets-manager.md", tmp_path).plan("prod"))
    shown = [line.strip() for line in text.splitlines()]
    first = shown.index("inline policy")
    arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/shop/stripe-??????"
    assert shown[first + 1] == "allow secretsmanager:GetSecretValue, secretsmanager:DescribeSecret"
    assert f"on {arn}" in shown
    assert "if kms:ViaService StringEquals secretsmanager.eu-central-1.amazonaws.com" in "\n".join(shown)
    assert '{"Version"' not in text
