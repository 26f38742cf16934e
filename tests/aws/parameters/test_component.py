"""Plain parameters as resources: visible, in the account of their environment, and never a SecureString."""

from pathlib import Path

import pytest

from strongroom.aws.parameters.component import AwsPlainParameters
from strongroom.program import deploy
from strongroom.stage import Stage
from support.aws_environment import PROD, project
from support.mocks import record


def test_a_parameter_without_settings_is_a_text_of_the_standard_tier() -> None:
    made = record(
        lambda: AwsPlainParameters("it", {"parameters": {"timeout": {"name": "/prod/timeout", "value": "30"}}})
    )
    parameter = made.named("it-timeout")
    assert parameter.inputs == {
        "name": "/prod/timeout",
        "type": "String",
        "insecureValue": "30",
        "tier": "Standard",
        "dataType": "text",
    }
    # Else a preview would hide what changes.
    assert not parameter.secrets


def test_nothing_that_is_there_is_overwritten() -> None:
    made = record(lambda: AwsPlainParameters("it", {"parameters": {"a": {"name": "/prod/a", "value": "x"}}}))
    assert "overwrite" not in made.named("it-a").inputs


@pytest.mark.parametrize("preview", [False, True])
def test_a_plan_becomes_parameters_with_whose_they_are(tmp_path: Path, preview: bool) -> None:
    folder = project(tmp_path)
    zones, ttl = "{values: [a, b], description: where, tier: advanced}", '{value: "3", allowed_pattern: "[0-9]"}'
    folder.replace(PROD, "  iam:\n", f"  parameters: {{shop/zones: {zones}, shop/ttl: {ttl}}}\n  iam:\n")
    plan = folder.plan("prod").cut("platform")
    made = record(lambda: deploy(plan, Stage(secret=lambda *_: None)), preview=preview)
    assert made.named("prod-parameters-shop/zones").inputs == {
        "name": "/prod/shop/zones",
        "type": "StringList",
        "insecureValue": "a,b",
        "description": "where",
        "tier": "Advanced",
        "dataType": "text",
        "tags": {"strongroom:environment": "prod", "strongroom:item": "shop/zones"},
    }
    other = made.named("prod-parameters-shop/ttl")
    assert other.inputs["allowedPattern"] == "^(?:[0-9])$"
    assert other.provider == "aws-111122223333-eu-central-1"
