"""Which stacks a change touches."""

from collections.abc import Callable
from pathlib import Path

import pytest

from strongroom.project import Project
from strongroom.review.affected import affected_stacks
from support.edit import edit

EVERY = ("dev", "dev-identity", "dev-payments", "dev-platform", "prod", "sandbox", "staging")

Affected = Callable[..., set[str]]


@pytest.fixture
def affected(project: Path) -> Affected:
    """Edits a file below stacks/ and tells which stacks that touches."""

    def after(file: str, old: str, new: str) -> set[str]:
        before = Project.read(project)
        edit(project / "stacks" / file, old, new)
        return set(affected_stacks(Project.read(project), [f"stacks/{file}"], before))

    return after


def of_paths(project: Path, *paths: str) -> tuple[str, ...]:
    return affected_stacks(Project.read(project), paths, Project.read(project))


def test_a_catalog_touches_its_teams_slice_and_whole_environments(affected: Affected) -> None:
    touched = affected("catalog/payments.yaml", "max_ttl: 24h", "max_ttl: 12h")
    assert touched == {"dev", "dev-payments", "prod", "sandbox", "staging"}


def test_a_grant_to_another_team_touches_that_teams_slice(affected: Affected) -> None:
    grant = "  - {workload: payments/checkout, secret: partner-api, can: [read], environments: [dev, staging, prod]}\n"
    touched = affected("catalog/identity.yaml", grant, "")
    assert touched == {"dev", "dev-payments", "prod", "staging"}


def test_an_item_of_two_environments_touches_only_those(affected: Affected) -> None:
    touched = affected("catalog/payments.yaml", "environments: [sandbox, staging, prod]", "environments: [prod]")
    assert touched == {"sandbox", "staging"}


def test_an_environment_file_touches_its_own_stacks(affected: Affected) -> None:
    touched = affected("environments/dev.yaml", "oidc.dev.acme.example", "login.dev.acme.example")
    assert touched == {"dev", "dev-platform"}


def test_a_file_that_others_extend_touches_those_that_do(affected: Affected) -> None:
    touched = affected("environments/common.yaml", "max_versions: 10", "max_versions: 20")
    assert touched == {"dev", "dev-platform", "sandbox", "staging"}, "prod says itself how many versions it keeps"


def test_a_comment_in_a_declaration_touches_nothing(affected: Affected) -> None:
    assert affected("catalog/payments.yaml", "team: payments", "# ours\nteam: payments") == set()


def test_a_stacks_own_file_touches_it_even_where_only_a_provider_reads_the_change(affected: Affected) -> None:
    assert affected("Pulumi.prod.yaml", "vault.prod.acme.example", "vault2.prod.acme.example") == {"prod"}


def test_a_stack_that_cannot_be_planned_is_touched_so_that_its_preview_says_why(affected: Affected) -> None:
    assert affected("environments/dev.yaml", "protect: false", "protect: perhaps") >= {"dev", "dev-platform"}


def test_a_project_that_is_new_touches_all_its_stacks(project: Path) -> None:
    assert affected_stacks(Project.read(project), ["stacks/catalog/payments.yaml"], None) == EVERY


@pytest.mark.parametrize(
    "path",
    [
        "components/strongroom/vault/policy/render.py",
        "components/strongroom/vault/policy/templates/policy.hcl.j2",
        "policies/strongroom_policies/vault/sql.py",
        "requirements.lock",
        "tools/pulumi/go.mod",
        "Pulumi.yaml",
        "stacks/__main__.py",
        ".github/workflows/preview.yml",
        "something/never/seen.before",
        "stacks/catalog/nested/looks-like-a-catalog.yaml",
    ],
)
def test_code_pins_and_what_is_not_known_touch_all(project: Path, path: str) -> None:
    assert of_paths(project, path, "docs/tour.md") == EVERY


def test_documentation_tests_and_generated_schemas_touch_none(project: Path) -> None:
    paths = [
        "README.md",
        "docs/a/b.png",
        "tests/plan/test_plan.py",
        "benchmarks/x.py",
        "LICENSE",
        "stacks/schema/x.json",
    ]
    assert of_paths(project, *paths) == ()
    assert of_paths(project, "components/README.md") == ()
    assert of_paths(project) == ()
