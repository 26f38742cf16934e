"""From a change in git to the comment, with the real engine, the policy pack and a real server."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from strongroom.review.comment import comment
from strongroom.review.preview import from_json
from strongroom_sandbox.preview import INPUT_IS_WRONG, NO_VALUE, main
from support.docs import example
from support.edit import edit
from support.git import commit_all
from support.toolchain import ROOT

pytestmark = pytest.mark.engine


@pytest.fixture
def clone(project: Path) -> Path:
    """The example project as a clone with its own history; policies, tools and environment are this repository's."""
    for name in ("policies", "tools"):
        (project / name).symlink_to(ROOT / name)
    (project / ".venv").symlink_to(sys.prefix)
    (project / ".gitignore").write_text(".venv\n.toolchain/\n.review/\n__pycache__/\n")
    commit_all(project)
    return project


def test_a_dry_preview_shows_policies_changes_and_plan_and_leaves_no_process_or_value(
    clone: Path, toolchain: object, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(clone / "stacks/catalog/payments.yaml", "max_ttl: 24h", "max_ttl: 12h")
    edit(
        clone / "stacks/environments/common.yaml",
        "  policies:\n",
        "  policies:\n"
        "    too-wide:\n"
        "      reason: to be found by the policy pack\n"
        '      rules: [{path: "sys/policies/acl/{{ environment }}.x", capabilities: [update]}]\n'
        "      workloads: [identity/inventory]\n",
    )
    review = clone / ".review"
    exit_code = main(["--dry", "--base", "main", "dev", str(review)], clone)
    said = capsys.readouterr()
    assert exit_code == 0, said.out + said.err
    assert [path.name for path in sorted((review / "dev").iterdir())] == ["events.jsonl", "preview.json"]
    preview = from_json((review / "dev" / "preview.json").read_text(), "preview.json")
    assert preview.dry
    assert preview.policies_ran
    assert {change.operation for change in preview.changes} == {"create"}
    assert "+max_ttl_seconds: 43200" in preview.plan_diff
    assert "v04-writes-policies" in {violation.policy for violation in preview.violations}
    text = comment([preview])
    assert f"| `dev` | {len(preview.changes)} |" in text
    assert "dry: compared with nothing deployed" in text
    assert "v04-writes-policies" in text


def test_a_dry_preview_asks_nobody_for_the_values_that_a_deployment_needs(
    clone: Path, toolchain: object, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example's are in the configuration; without a reviewer's token, wherever it comes from, nothing goes on."""
    reviewer = "token_reviewer_jwt: {%s}"
    file = clone / "stacks/environments/sandbox.yaml"
    edit(file, reviewer % "pulumi_config: cluster-reviewer", reviewer % "environment_variable: REVIEWER")
    exit_code = main(["--dry", "sandbox", str(clone / ".review")], clone)
    said = capsys.readouterr()
    assert exit_code == 0, said.out + said.err
    events = (clone / ".review/sandbox/events.jsonl").read_text()
    assert "auth-cluster-sandbox-config" in events
    assert NO_VALUE not in events


@pytest.mark.parametrize(
    ("page", "package"),
    [("aws/secrets-manager.md", "aws:"), ("azure/key-vault.md", "azure-native:"), ("gcp/secret-manager.md", "gcp:")],
)
def test_a_dry_preview_of_a_cloud_asks_nobody_for_credentials(
    clone: Path, tmp_path: Path, toolchain: object, capsys: pytest.CaptureFixture[str], page: str, package: str
) -> None:
    (tmp_path / "page").mkdir()
    for folder in ("environments", "catalog"):
        shutil.rmtree(clone / "stacks" / folder)
    for file in (clone / "stacks").glob("Pulumi.*.yaml"):
        file.unlink()
    shutil.copytree(example(page, tmp_path / "page").root / "stacks", clone / "stacks", dirs_exist_ok=True)
    exit_code = main(["--dry", "prod", str(clone / ".review")], clone)
    said = capsys.readouterr()
    assert exit_code == 0, said.out + said.err
    preview = from_json((clone / ".review/prod/preview.json").read_text(), "preview.json")
    assert {change.operation for change in preview.changes} == {"create"}
    assert any(change.type.startswith(package) for change in preview.changes)


def test_files_that_are_wrong_are_a_result_too_and_no_engine_is_started(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(clone / "stacks/catalog/payments.yaml", "workload: checkout", "workload: chekout")
    assert main(["--base", "main", "dev", str(clone / ".review")], clone) == INPUT_IS_WRONG
    assert "chekout" in capsys.readouterr().err
    preview = from_json((clone / ".review/dev/preview.json").read_text(), "preview.json")
    assert not preview.succeeded
    assert any("chekout" in problem for problem in preview.problems)
    assert not (clone / ".toolchain").exists()


def test_a_preview_is_compared_with_what_is_deployed_and_a_deletion_is_loud(
    clone: Path, toolchain: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program of components only, so that it needs no server; the rest is as in a job with a backend."""
    program = clone / "stacks/__main__.py"
    program.write_text(
        'import pulumi\nfor name in ("kept", "gone"):\n    pulumi.ComponentResource("strongroom:index:Thing", name)\n'
    )
    (tmp_path / "state").mkdir()
    monkeypatch.setenv("PULUMI_BACKEND_URL", (tmp_path / "state").as_uri())
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "only of this test")
    pulumi = shutil.which("pulumi", path=toolchain.environment()["PATH"])  # type: ignore[attr-defined]
    assert pulumi
    environment = os.environ | toolchain.environment()  # type: ignore[attr-defined]
    for command in (["stack", "init", "dev"], ["up", "--stack", "dev", "--yes", "--skip-preview"]):
        subprocess.run([pulumi, *command, "--non-interactive"], cwd=clone, env=environment, check=True)
    edit(program, '("kept", "gone")', '("kept", "new")')
    assert main(["--base", "main", "dev", str(clone / ".review")], clone) == 0
    preview = from_json((clone / ".review/dev/preview.json").read_text(), "preview.json")
    assert not preview.dry
    assert [(change.operation, change.name) for change in preview.changes] == [("delete", "gone"), ("create", "new")]
    assert preview.unchanged == 2
    assert "> - `dev` deletes `strongroom:index:Thing` `gone`" in comment([preview])
