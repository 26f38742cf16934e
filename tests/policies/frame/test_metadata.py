"""Every rule is complete as data, and everything about it is where one looks for it."""

import re
from pathlib import Path

import pytest

import strongroom_policies
from strongroom_policies.frame.rule import Rule
from strongroom_policies.registry import RULES

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = Path(strongroom_policies.__file__).parent
RULE_FILE = re.compile(r"[a-z]\d\d_\w+\.py")

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def rule_files() -> dict[str, Path]:
    """Name of the policy -> the file that must define it."""
    files = (path for path in PACKAGE.rglob("*.py") if RULE_FILE.fullmatch(path.name))
    return {path.stem.replace("_", "-"): path for path in files}


def test_every_rule_file_is_registered_and_nothing_else_is() -> None:
    assert sorted(rule.name for rule in RULES) == sorted(rule_files())


def test_ids_and_names_are_unique_and_none_is_reserved() -> None:
    assert len({rule.id for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)
    assert "all" not in {rule.name for rule in RULES}


@every_rule
def test_its_metadata_is_complete(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z]\d\d", rule.id)
    for text in (rule.title, rule.remediation):
        assert text.endswith(".")
        assert len(text) > 20
    assert rule.frameworks
    assert all(framework.name and framework.version and framework.number for framework in rule.frameworks)
    assert rule.topics
    assert all("description" in setting for setting in rule.schema.values())


@every_rule
def test_its_test_file_is_at_the_mirrored_path(rule: Rule) -> None:
    source = rule_files()[rule.name].relative_to(PACKAGE)
    assert (ROOT / "tests" / "policies" / source.parent / f"test_{source.name}").is_file()


@every_rule
def test_its_documentation_exists_and_says_what_it_can_be_configured_with(rule: Rule) -> None:
    page, _, anchor = rule.docs.partition("#")
    text = (ROOT / page).read_text()
    assert f"## {anchor}\n" in text
    section = text.split(f"## {anchor}\n")[1].split("\n## ")[0]
    for setting in rule.settings:
        assert f"`{setting}`" in section, f"{page} says nothing about {setting}"
    assert f"**{rule.severity.value.capitalize()}.**" in section
    for framework in rule.frameworks:
        assert framework.number in section
