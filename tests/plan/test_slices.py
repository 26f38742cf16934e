"""Slices of an environment never overlap, and together they are the whole: whatever the project."""

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings

from strongroom.plan.plan import Plan, slices
from strongroom.project import Project
from strongroom.spec.stack import Stack
from support.generated import ENVIRONMENTS, Generated, projects
from support.projects import PAYMENTS, ProjectFolder


def _read(generated: Generated) -> Project:
    with tempfile.TemporaryDirectory() as folder:
        return Project.read(generated.write(ProjectFolder(Path(folder), {})).root)


def _records(plan: Plan) -> list[str]:
    return [json.dumps(record.as_json()) for record in plan.records]


@given(projects())
@settings(deadline=None)
def test_slices_are_disjoint_and_together_the_whole(generated: Generated) -> None:
    project = _read(generated)
    for name, whole in project.check().items():
        parts = [
            _records(project.plan(name, Stack(environment=name, slice=part))) for part in slices(generated.catalogs)
        ]
        union = [record for part in parts for record in part]
        assert len(union) == len(set(union)), "a record is in two slices"
        assert sorted(union) == sorted(_records(whole))


@given(projects())
@settings(deadline=None)
def test_nothing_of_a_plan_shares_its_name_with_another_thing(generated: Generated) -> None:
    for plan in _read(generated).check().values():
        keys = [(record.kind, record.key) for record in plan.records]
        assert len(keys) == len(set(keys))


@given(projects())
@settings(deadline=None)
def test_environments_share_no_global_name(generated: Generated) -> None:
    plans = _read(generated).check()
    assert set(plans) == set(ENVIRONMENTS)
    shared = [
        {(r.kind, r.key) for r in plan.records if r.kind in ("vault.policy", "vault.kv.mount", "vault.database.mount")}
        for plan in plans.values()
    ]
    assert len(set.union(*shared)) == sum(map(len, shared))


@given(projects())
@settings(deadline=None)
def test_a_workload_can_do_what_it_is_granted_and_nothing_else(generated: Generated) -> None:
    for name, plan in _read(generated).check().items():
        granted: dict[str, set[str]] = {}
        for team, catalog in generated.catalogs.items():
            for grant in catalog["grants"]:
                owner, _, workload = grant["workload"].partition("/")
                items = (grant, catalog["secrets"][grant["secret"]], generated.catalogs[owner]["workloads"][workload])
                if all(name in item.get("environments", ENVIRONMENTS) for item in items):
                    policy = granted.setdefault(f"{name}.{owner}.{workload}", set())
                    policy |= {f"{team}/{grant['secret']}: {verb}" for verb in grant["can"]}
        for record in plan.records:
            if record.kind == "vault.policy" and record.slice != "platform":
                reasons = {reason for rule in record.as_json()["rules"] for reason in rule["because"]}
                others = {
                    reason for reason in reasons if reason.split(":")[0] in ("every workload", "credentials on demand")
                }
                assert reasons - others == granted.get(record.key, set())


def test_teams_whose_secrets_change_change_no_other_slice_but_the_database_connection(folder: ProjectFolder) -> None:
    before = {
        part: folder.read().plan("prod", Stack(environment="prod", slice=part)) for part in ("identity", "payments")
    }
    folder.replace(PAYMENTS, "fields: [api_key, webhook_secret]", "fields: [api_key]")
    after = {
        part: folder.read().plan("prod", Stack(environment="prod", slice=part)) for part in ("identity", "payments")
    }
    assert before["identity"] == after["identity"]
    assert before["payments"] != after["payments"]
