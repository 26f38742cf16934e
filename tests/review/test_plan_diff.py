"""The difference of two plans."""

from dataclasses import replace
from pathlib import Path

from strongroom.plan.plan import Plan
from strongroom.project import Project
from strongroom.review.plan_diff import plan_diff
from strongroom.vault.database.plan import DatabaseRole
from support.edit import edit


def test_equal_plans_do_not_differ(project: Path) -> None:
    assert plan_diff(Project.read(project).plan("dev"), Project.read(project).plan("dev")) == ()


def test_a_changed_grant_shows_as_lines_of_the_derived_policy(project: Path) -> None:
    before = Project.read(project).plan("dev")
    edit(project / "stacks/catalog/payments.yaml", "secret: stripe, can: [read]", "secret: stripe, can: [read, delete]")
    lines = plan_diff(before, Project.read(project).plan("dev"))
    assert lines[0].startswith("@@ vault.policy dev.payments.checkout @@")
    assert any(line.startswith("+") and "stripe" in line for line in lines)
    assert not [line for line in lines if line.startswith("@@") and "checkout" not in line], "only that policy changed"


def test_a_changed_lifetime_shows_as_the_seconds_it_becomes(project: Path) -> None:
    catalog = project / "stacks/catalog/payments.yaml"
    before = Project.read(project).plan("dev")
    edit(catalog, "max_ttl: 24h", "max_ttl: 12h")
    lines = plan_diff(before, Project.read(project).plan("dev"))
    assert "-max_ttl_seconds: 86400" in lines
    assert "+max_ttl_seconds: 43200" in lines


def test_a_removed_sql_comment_is_not_taken_for_the_head_of_a_file(project: Path) -> None:
    plan = Project.read(project).plan("dev")
    (role, *_) = plan.of(DatabaseRole)

    def with_sql(text: str) -> Plan:
        return Plan(plan.environment, plan.slice, (replace(role, creation_statements=(text,)),))

    lines = plan_diff(with_sql("-- old\nSELECT 1;"), with_sql("++ new\nSELECT 1;"))
    assert [line for line in lines if not line.startswith(" ")][1:] == ["-  -- old", "+  ++ new"]


def test_a_stack_that_was_not_there_is_all_new(project: Path) -> None:
    lines = plan_diff(None, Project.read(project).plan("dev"))
    assert lines
    assert {line[0] for line in lines} == {"@", "+"}
