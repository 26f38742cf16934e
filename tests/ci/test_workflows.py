"""The workflows: what the linters do not know. `make lint` runs actionlint and zizmor over them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.toolchain import ROOT

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def load(file: Path) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(file.read_text())
    return loaded


@pytest.fixture
def preview() -> dict[str, Any]:
    """The jobs of the preview."""
    jobs: dict[str, Any] = load(ROOT / ".github/workflows/preview.yml")["jobs"]
    return jobs


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_workflow_has_a_permission_that_a_job_does_not_ask_for(file: Path) -> None:
    workflow = load(file)
    assert workflow["permissions"] == {}
    assert all("permissions" in job for job in workflow["jobs"].values())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_workflow_is_started_with_rights_that_a_fork_could_use(file: Path) -> None:
    started_by = set(load(file)[True])  # YAML 1.1 reads `on` as a boolean
    assert started_by <= {"pull_request", "push"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_action_is_pinned_by_a_full_hash_and_names_its_version(file: Path) -> None:
    used = re.findall(r"uses: (.*)", file.read_text())
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_step_has_an_expression_in_its_script_or_keeps_credentials(file: Path) -> None:
    for job in load(file)["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_a_job_that_runs_a_changes_code_cannot_write_and_only_trusted_ones_have_an_identity(
    preview: dict[str, Any],
) -> None:
    rights = {name: job["permissions"] for name, job in preview.items()}
    assert [name for name, granted in rights.items() if "write" in granted.values()] == ["preview", "post"]
    assert rights["preview"] == {"contents": "read", "id-token": "write"}
    assert rights["post"] == {"contents": "read", "pull-requests": "write"}
    for name in ("preview", "post"):
        assert "needs.affected.outputs.trusted == 'true'" in preview[name]["if"]
    assert "head.repo.full_name == github.repository" in preview["affected"]["outputs"]["trusted"]


def test_forks_get_no_identity_no_variables_and_no_environment(preview: dict[str, Any]) -> None:
    assert "needs.affected.outputs.trusted != 'true'" in preview["dry"]["if"]
    assert "environment" not in preview["dry"]
    assert not re.search(r"vars\.|secrets\.|github\.token", yaml.safe_dump(preview["dry"]))


def test_the_job_that_may_write_runs_the_base_branchs_code(preview: dict[str, Any]) -> None:
    checkout, *_, last = preview["post"]["steps"]
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert last["run"].startswith("make post ")
    assert [name for name, job in preview.items() if "github.token" in yaml.safe_dump(job)] == ["post"]


def test_what_is_uploaded_holds_no_event_log(preview: dict[str, Any]) -> None:
    paths = {
        step["with"]["path"]
        for job in preview.values()
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/upload-artifact@")
    }
    assert paths == {".review/*/preview.json", ".review/comment.md"}


def test_every_step_is_a_target_that_a_person_can_run(preview: dict[str, Any]) -> None:
    scripts = [step["run"] for job in preview.values() for step in job["steps"] if "run" in step]
    used = {target for script in scripts for target in re.findall(r"make (?:--silent )?([a-z]+)", script)}
    assert used == {"affected", "check", "tools", "preview", "comment", "post"}
    assert used <= TARGETS
    assert all("make " in script for script in scripts)
