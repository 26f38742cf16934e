"""Where a first password may come from: never from what the deployment itself logs in with."""

from pathlib import Path

import pytest

from support.projects import COMMON, ProjectFolder


def _folder(tmp_path: Path, variable: str) -> ProjectFolder:
    folder = ProjectFolder(tmp_path)
    text = (tmp_path / "stacks" / COMMON).read_text()
    (line,) = [line for line in text.splitlines() if "first_password:" in line]
    before = line.partition("first_password:")[0]
    return folder.replace(COMMON, line, f"{before}first_password: {{environment_variable: {variable}}}")


@pytest.mark.parametrize(
    "variable", ["VAULT_TOKEN", "BAO_TOKEN", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "PULUMI_CONFIG_PASSPHRASE"]
)
def test_a_credential_of_the_deployment_is_not_sent_to_a_database_server(tmp_path: Path, variable: str) -> None:
    problems = _folder(tmp_path, variable).problems()
    assert problems
    assert all("environment_variable: this variable is for the deployment's own credentials" in p for p in problems)


@pytest.mark.parametrize("variable", ["ORDERS_FIRST_PASSWORD", "PGPASSWORD", "VAULTED"])
def test_any_other_variable_may_hold_it(tmp_path: Path, variable: str) -> None:
    assert _folder(tmp_path, variable).problems() == []
