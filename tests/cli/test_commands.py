"""The `strongroom` command: exit codes, what goes to which stream, and where it finds its project."""

import json
from pathlib import Path

import pytest

from support import command

ROOT = Path(__file__).parents[2]
STACKS = ("dev", "prod", "sandbox", "staging")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example that a test may change."""
    for source in [ROOT / "Pulumi.yaml", *(ROOT / "stacks").rglob("*.yaml")]:
        copy = tmp_path / "project" / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(source.read_text("utf-8"), "utf-8")
    return tmp_path / "project"


@pytest.fixture
def run(project: Path, tmp_path: Path) -> "Run":
    return Run(project, tmp_path)


class Run:
    def __init__(self, project: Path, home: Path) -> None:
        self.project = project
        self._environment = command.environment(home)

    def __call__(self, *arguments: str, cwd: Path | None = None, code: int = 0) -> tuple[str, str]:
        """Standard output and error of a command that ends with this exit code."""
        done = command.strongroom(*arguments, cwd=cwd or self.project, environment=self._environment)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout, done.stderr


def test_a_check_of_a_good_project_has_a_line_for_each_stack(run: Run) -> None:
    out, error = run("check")
    assert [line.partition(":")[0] for line in out.splitlines()] == list(STACKS)
    assert error == ""


def test_a_check_names_all_problems_on_stderr_and_ends_with_2(run: Run, project: Path) -> None:
    catalog = project / "stacks/catalog/payments.yaml"
    catalog.write_text(catalog.read_text().replace("secret: stripe,", "secret: strip,").replace("90d", "90 days"))
    out, error = run("check", code=2)
    assert out == ""
    lines = error.splitlines()
    assert all(line.startswith("stacks/catalog/payments.yaml:") for line in lines[:-1])
    assert lines[-1] == f"{len(lines) - 1} problems; nothing was touched."
    assert len(lines) >= 2


def test_a_plan_is_for_people_and_ends_with_how_to_get_the_rest(run: Run) -> None:
    out, error = run("plan", "--stack", "prod")
    assert out.startswith("prod, slice all: ")
    assert "prod.payments.checkout" in out
    assert error == ""


@pytest.mark.parametrize("stack", STACKS)
def test_a_plan_as_json_is_json_and_nothing_else_and_the_same_bytes_every_time(run: Run, stack: str) -> None:
    first, error = run("plan", "--stack", stack, "--json")
    assert error == ""
    assert json.loads(first)["environment"] == stack
    assert run("plan", "--stack", stack, "--json")[0] == first


def test_an_unknown_stack_is_refused_with_the_nearest_one(run: Run) -> None:
    out, error = run("plan", "--stack", "prd", code=2)
    assert out == ""
    assert "there is no such stack" in error
    assert "did you mean 'prod'?" in error


def test_a_missing_option_is_wrong_usage(run: Run) -> None:
    out, error = run("plan", code=2)
    assert out == ""
    assert "--stack" in error


def test_an_unknown_command_is_wrong_usage(run: Run) -> None:
    assert "No such command" in run("plna", code=2)[1]


def test_another_configuration_file_can_be_given_for_a_stack(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "Pulumi.elsewhere.yaml"
    other.write_text("config:\n  strongroom:environment: dev\n  strongroom:slice: payments\n")
    out, _ = run("plan", "--stack", "dev", "--config-file", str(other), "--json")
    planned = json.loads(out)
    assert (planned["environment"], planned["slice"]) == ("dev", "payments")
    assert {record["slice"] for record in planned["records"]} == {"payments"}


def test_a_configuration_file_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    error = run("plan", "--stack", "dev", "--config-file", str(tmp_path / "nowhere.yaml"), code=2)[1]
    assert "nowhere.yaml" in error


def test_a_project_is_found_from_a_folder_below_it(run: Run, project: Path) -> None:
    assert run("check", cwd=project / "stacks" / "catalog")[0] == run("check")[0]


def test_outside_a_project_it_says_where_to_go(run: Run, tmp_path: Path) -> None:
    out, error = run("check", cwd=tmp_path, code=2)
    assert out == ""
    assert f"There is no Pulumi.yaml in {tmp_path} or above it" in error
    assert "--root" in error


def test_a_project_can_be_named_from_anywhere(run: Run, project: Path, tmp_path: Path) -> None:
    assert run("check", "--root", str(project), cwd=tmp_path)[0] == run("check")[0]
    assert run("plan", "--stack", "dev", "--root", str(project), cwd=tmp_path)[0] == run("plan", "--stack", "dev")[0]


def test_a_root_that_is_no_project_is_refused(run: Run, tmp_path: Path) -> None:
    out, error = run("check", "--root", str(tmp_path / "nowhere"), code=2)
    assert out == ""
    assert "there is no stack" in error


def test_the_schemas_are_printed_and_written_where_the_files_look_for_them(run: Run, project: Path) -> None:
    printed, _ = run("schema")
    decoder, rest, found = json.JSONDecoder(), printed, []
    while rest.strip():
        schema, end = decoder.raw_decode(rest.lstrip())
        found.append(schema)
        rest = rest.lstrip()[end:]
    assert len(found) == 2
    written, _ = run("schema", "--write")
    assert written.splitlines() == [
        "wrote stacks/schema/catalog.schema.json",
        "wrote stacks/schema/environment.schema.json",
    ]
    for schema, name in zip(found, ("catalog", "environment"), strict=True):
        assert json.loads((project / f"stacks/schema/{name}.schema.json").read_text()) == schema


@pytest.mark.parametrize("group", ["values", "sandbox", "review"])
def test_every_group_of_commands_has_help(run: Run, group: str) -> None:
    out, error = run(group, "--help")
    assert f"strongroom {group}" in out
    assert error == ""


def test_help_of_values_lists_its_commands(run: Run) -> None:
    out, _ = run("values", "--help")
    assert all(name in out for name in ("put", "generate", "status", "rm"))


def test_no_command_takes_a_value_from_an_option(run: Run) -> None:
    for name in ("put", "generate", "status", "rm"):
        assert "--value" not in run("values", name, "--help")[0]
