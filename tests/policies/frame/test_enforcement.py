"""Levels: a table of environment and severity, and where the environment comes from."""

from dataclasses import replace

import pytest
from pulumi_policy import EnforcementLevel, Severity

from strongroom_policies.frame.enforcement import TABLE, resolve
from support.policy_pack import POLICY, Stack

KEY = "strongroom:environment"
CRITICAL = 'path "*" { capabilities = ["update"] }'


def test_the_table_is_advisory_in_dev_and_mandatory_in_prod() -> None:
    advisory, mandatory = EnforcementLevel.ADVISORY, EnforcementLevel.MANDATORY
    low_to_critical = [Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]
    assert {name: [levels[severity] for severity in low_to_critical] for name, levels in TABLE.items()} == {
        "sandbox": [advisory, advisory, advisory, advisory],
        "dev": [advisory, advisory, advisory, advisory],
        "staging": [advisory, advisory, mandatory, mandatory],
        "prod": [mandatory, mandatory, mandatory, mandatory],
    }


@pytest.mark.parametrize(
    ("stack", "config", "tags", "environment"),
    [
        ("prod", {KEY: "dev"}, {"environment": "staging"}, "dev"),  # configuration first
        ("prod", {}, {"environment": "staging"}, "staging"),  # then the tag
        ("prod", {}, {}, "prod"),  # then the name
        ("dev", {KEY: "Production"}, {}, "prod"),
        ("payments-staging", {}, {}, "staging"),
        ("prod_payments", {}, {}, "prod"),
        ("dev.payments", {}, {}, "dev"),
        ("devtools", {}, {}, None),
        ("preprod", {}, {}, None),
        ("prod-to-dev", {}, {}, None),
        ("main", {}, {}, None),
        ("", {}, {}, None),
        ("dev", {KEY: "qa"}, {}, None),  # explicit but unknown: the name is not asked
        ("dev", {}, {"environment": "qa"}, None),
    ],
)
def test_the_environment_comes_from_configuration_then_tag_then_name(
    stack: str, config: dict[str, str], tags: dict[str, str], environment: str | None
) -> None:
    assert resolve(stack, config, tags).name == environment


@pytest.mark.parametrize(
    ("name", "config", "level"),
    [
        ("dev", {}, "advisory"),
        ("sandbox", {}, "advisory"),
        ("staging", {}, "mandatory"),
        ("prod", {}, "mandatory"),
        ("whatever", {}, "mandatory"),  # unknown is treated strictly
        ("prod", {KEY: "dev"}, "advisory"),
    ],
)
def test_a_violation_has_the_level_of_its_environment(
    stack: Stack, name: str, config: dict[str, str], level: str
) -> None:
    broken = replace(stack.add("all", POLICY, name="all-writes", policy=CRITICAL), name=name, stack_config=config)
    assert {said.level for said in broken.preview().violations("V02")} == {level}


@pytest.mark.parametrize("level", ["advisory", "mandatory"])
def test_a_level_in_the_pack_configuration_has_the_last_word(stack: Stack, level: str) -> None:
    broken = stack.add("all", POLICY, name="all-writes", policy=CRITICAL)
    for environment in ("dev", "prod"):
        configured = replace(broken, name=environment).configure("V02", enforcementLevel=level)
        assert {said.level for said in configured.preview().violations("V02")} == {level}


def test_a_disabled_rule_says_nothing(stack: Stack) -> None:
    broken = stack.add("all", POLICY, name="all-writes", policy=CRITICAL).configure("V02", enforcementLevel="disabled")
    assert not [said for said in broken.preview().said if said.rule == "V02"]
