"""What git knows of a change, in real repositories."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from strongroom.cli.main import app
from strongroom.review.revision import RevisionError, branched_from, changed_paths, project_at
from support.edit import edit
from support.git import commit_all, git


@pytest.fixture
def repository(project: Path) -> Path:
    """The project, committed once."""
    commit_all(project)
    return project


def test_committed_uncommitted_and_new_files_count(repository: Path) -> None:
    base = git(repository, "rev-parse", "HEAD")
    edit(repository / "stacks/catalog/identity.yaml", "30d", "60d")
    commit_all(repository)
    edit(repository / "stacks/environments/dev.yaml", "protect: false", "protect: true")
    (repository / "stacks/catalog/größe \n.yaml").write_text("team: new\n")
    assert changed_paths(repository, base) == [
        "stacks/catalog/größe \n.yaml",
        "stacks/catalog/identity.yaml",
        "stacks/environments/dev.yaml",
    ]


def test_a_renamed_file_counts_with_both_names(repository: Path) -> None:
    base = git(repository, "rev-parse", "HEAD")
    git(repository, "mv", "stacks/catalog/identity.yaml", "docs.md")
    assert changed_paths(repository, base) == ["docs.md", "stacks/catalog/identity.yaml"]


def test_what_others_did_on_the_base_branch_since_is_no_part_of_the_change(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "change")
    (repository / "README.md").write_text("ours")
    commit_all(repository)
    git(repository, "switch", "--quiet", "main")
    (repository / "theirs.py").write_text("")
    commit_all(repository)
    git(repository, "switch", "--quiet", "change")
    assert changed_paths(repository, branched_from(repository, "main")) == ["README.md"]


def test_the_project_is_read_as_it_was(repository: Path) -> None:
    base = git(repository, "rev-parse", "HEAD")
    edit(repository / "stacks/Pulumi.dev.yaml", "environment: dev", "environment: prod")
    with project_at(repository, base) as before:
        assert before is not None
        assert before.stack("dev").environment == "dev"


def test_links_of_an_old_revision_are_not_followed(repository: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("team: outside\n")
    (repository / "stacks/catalog/link.yaml").symlink_to(outside)
    with project_at(repository, commit_all(repository)) as before:
        assert before is not None
        assert len(before.catalogs) == 2


def test_before_the_first_stack_there_was_no_project(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("soon")
    with project_at(tmp_path, commit_all(tmp_path)) as before:
        assert before is None


@pytest.mark.parametrize("base", ["no-such-branch", "--output=file", "HEAD:stacks"])
def test_a_revision_that_is_none_is_refused_and_nothing_else_happens(repository: Path, base: str) -> None:
    with pytest.raises(RevisionError, match="no such revision; fetch it first"):
        branched_from(repository, base)
    assert changed_paths(repository, "HEAD") == []


def test_outside_of_a_repository_gits_own_words_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(RevisionError, match="not a git repository"):
        branched_from(tmp_path, "HEAD")


def test_the_command_lists_the_stacks_for_people_and_for_a_matrix(repository: Path) -> None:
    edit(repository / "stacks/environments/prod.yaml", "max_versions: 30", "max_versions: 31")

    def affected(*options: str) -> str:
        done = CliRunner().invoke(app, ["review", "affected", "--base", "main", "--root", str(repository), *options])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert affected() == "prod\n"
    assert json.loads(affected("--json")) == ["prod"]
    commit_all(repository)
    assert affected() == ""
    assert affected("--json") == "[]\n"
