"""The same files give the same bytes: in another process, folder, language, time zone, and whatever Python hashes."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from support.generated import Generated, projects
from support.projects import PAYMENTS, ProjectFolder

STRONGROOM = Path(sys.executable).with_name("strongroom")


def _plan(root: Path, cwd: Path, **environment: str) -> bytes:
    argv = [str(STRONGROOM), "plan", "--stack", "prod", "--json", "--root", str(root)]
    env = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(argv, cwd=cwd, env=env, check=True, capture_output=True).stdout


def test_a_plan_is_the_same_bytes_in_any_process(folder: ProjectFolder, tmp_path: Path) -> None:
    folder.replace(PAYMENTS, "rotate_every: 90d", "description: für Zahlungen ✓")
    here = folder.plan("prod").as_json().encode()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert _plan(folder.root, folder.root, PYTHONHASHSEED="0") == here
    assert _plan(folder.root, elsewhere, PYTHONHASHSEED="1", TZ="Pacific/Kiritimati", LC_ALL="C") == here
    assert (
        _plan(folder.root, elsewhere, PYTHONHASHSEED="2", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="latin-1")
        == here
    )
    assert _plan(folder.root, elsewhere, PYTHONHASHSEED="3", TZ="America/St_Johns", LC_ALL="C.utf8") == here


def test_a_plan_is_the_same_bytes_on_every_machine_and_python(folder: ProjectFolder) -> None:
    """The committed plan was made elsewhere; the test matrix compares it on all Pythons."""
    expected = Path(__file__).with_name("plan-of-prod.json").read_bytes()
    assert folder.plan("prod").as_json().encode() == expected, "if the change is meant, commit the new plan"


def test_a_copy_of_the_project_has_the_same_plan(
    folder: ProjectFolder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    copy = tmp_path_factory.mktemp("other") / "a folder"
    shutil.copytree(folder.root, copy)
    assert ProjectFolder.plan(folder, "prod").as_json() == _plan(copy, copy).decode()
    assert str(folder.root) not in folder.plan("prod").as_json()


@given(projects())
@settings(deadline=None, max_examples=40)
def test_the_order_in_which_things_are_written_does_not_matter(generated: Generated) -> None:
    def backwards(value: object) -> object:
        return {key: backwards(value[key]) for key in reversed(value)} if isinstance(value, dict) else value

    turned = Generated(
        {team: {**backwards(c), "grants": c["grants"][::-1]} for team, c in generated.catalogs.items()},  # type: ignore[dict-item]
        {name: backwards(data) for name, data in generated.environments.items()},  # type: ignore[misc]
    )
    plans = []
    for each in (generated, turned):
        with tempfile.TemporaryDirectory() as folder:
            plans.append(each.write(ProjectFolder(Path(folder), {})).read().check())
    for name in plans[0]:
        one, other = (json.loads(made[name].as_json()) for made in plans)
        assert _without_grant_order(one) == _without_grant_order(other)


def _without_grant_order(plan: dict[str, list[dict[str, object]]]) -> object:
    """Reasons stand in a policy in the order of its team's grants: that is the only thing the order decides."""
    for record in plan["records"]:
        if record["kind"] == "vault.policy":
            record["text"] = sorted(str(record["text"]).splitlines())
            record["rules"] = [{**rule, "because": sorted(rule["because"])} for rule in record["rules"]]  # type: ignore[attr-defined]
    return plan
