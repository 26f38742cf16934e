"""The example stacks under the pack with the configuration that is shipped for them: no violation, nothing allowed."""

import json
from pathlib import Path

import pytest
import yaml

from strongroom.program import run
from strongroom_policies.registry import RULES
from support.mocks import record
from support.policy_pack import Declared, Report, Stack
from support.projects import EXAMPLE_VALUES

ROOT = Path(__file__).resolve().parents[2]
STACKS = sorted((ROOT / "stacks").glob("Pulumi.*.yaml"))


def judge(file: Path) -> Report:
    config = yaml.safe_load(file.read_text())["config"]
    name = file.suffixes[0].removeprefix(".")
    recording = record(
        lambda: run(ROOT),
        config=config,
        secret_config=EXAMPLE_VALUES,
        stack=name,
    )
    names = {rule.name: rule.id for rule in RULES}
    pack = json.loads((ROOT / "policies" / "config" / f"{name}.json").read_text())
    return Stack(
        resources={resource.name: Declared(resource.type, resource.inputs) for resource in recording.leaves},
        config={names[rule]: settings for rule, settings in pack.items()},
        name=name,
        stack_config=config,
    ).preview()


@pytest.mark.parametrize("file", STACKS, ids=lambda file: file.suffixes[0])
def test_an_example_stack_passes_and_nothing_about_it_is_undecided(file: Path) -> None:
    report = judge(file)
    assert report.said == ()
    assert set(report.not_applicable) <= {"V30"}


def test_there_are_stacks_to_judge() -> None:
    assert len(STACKS) == 4
