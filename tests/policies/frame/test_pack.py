"""The pack as the engine meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from strongroom_policies.registry import RULES
from support.policy_pack import GOOD_STACK, UNKNOWN, Stack

ROOT = Path(__file__).resolve().parents[3]
PACK = ROOT / "policies"
CONFIGS = sorted((PACK / "config").glob("*.json"))


def test_importing_the_pack_loads_neither_strongroom_nor_a_parser_nor_a_provider_sdk() -> None:
    script = "import sys, strongroom_policies.registry, strongroom_policies.frame.pack; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"strongroom", "strongroom_sandbox", "hcl2", "lark", "pulumi_vault", "pulumi_aws"}


def test_the_engine_is_told_everything_about_every_rule() -> None:
    from strongroom_policies.frame.pack import Analyzer

    info = Analyzer(RULES, lambda: GOOD_STACK.today).GetAnalyzerInfo(None, None)
    assert [policy.name for policy in info.policies] == [rule.name for rule in RULES]
    for policy, rule in zip(info.policies, RULES, strict=True):
        assert policy.description == rule.title
        assert rule.docs in policy.remediation_steps
        assert policy.framework.name == rule.frameworks[0].name
        assert list(policy.tags) == list(rule.topics)
        assert set(policy.configSchema.properties.keys()) == {"allow", *rule.settings}


def test_undecided_is_advisory_and_starts_with_the_word_whatever_the_level(stack: Stack) -> None:
    report = stack.configure("V02", enforcementLevel="mandatory").change("checkout-policy", policy=UNKNOWN).preview()
    assert report.undecided("V02")
    assert {said.level for said in report.undecided()} == {"advisory"}
    assert not report.violations()


def test_the_project_file_names_the_pack_and_a_python_runtime() -> None:
    project = yaml.safe_load((PACK / "PulumiPolicy.yaml").read_text())
    assert project["name"] == "strongroom"
    assert project["runtime"]["name"] == "python"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_shipped_configuration_names_rules_and_settings_that_exist(path: Path) -> None:
    rules = {rule.name: rule for rule in RULES}
    for name, settings in json.loads(path.read_text()).items():
        assert set(settings) <= {"enforcementLevel", *rules[name].schema}


def test_the_shipped_configurations_agree_about_the_environments() -> None:
    environments = [json.loads(path.read_text())["s01-cross-environment-reach"]["environments"] for path in CONFIGS]
    assert [path.stem for path in CONFIGS] == sorted(environments[0])
    assert all(found == environments[0] for found in environments)
