"""Userpass auth in files and plans: names only, with derived policies, and no place for a password."""

from pathlib import Path
from typing import Any

import pytest

from strongroom.plan.logins import logins
from support.docs import example
from support.projects import COMMON, IDENTITY, PAYMENTS, ProjectFolder


@pytest.fixture
def folder(folder: ProjectFolder) -> ProjectFolder:
    """The sound project, with a user who may write a secret."""
    folder.replace(
        COMMON, "    machines:", "    bootstrap: {userpass: {token_ttl: 10m, token_max_ttl: 30m}}\n    machines:"
    )
    folder.replace(PAYMENTS, "workloads:\n", "workloads:\n  setup:\n    runs_as: {userpass: {username: ada}}\n")
    return folder.append(PAYMENTS, "  - {workload: setup, secret: stripe, can: [write]}\n")


def _records(folder: ProjectFolder, stack: str, kind: str) -> list[dict[str, Any]]:
    return [r.as_json() for r in folder.plan(stack).records if r.kind == f"vault.auth.userpass.{kind}"]


def test_a_method_has_limits_and_a_user_is_a_name_with_the_derived_policy(folder: ProjectFolder) -> None:
    assert folder.problems() == []
    assert _records(folder, "prod", "method") == [
        {
            "kind": "vault.auth.userpass.method",
            "slice": "platform",
            "mount": "bootstrap-prod",
            "token_ttl_seconds": 600,
            "token_max_ttl_seconds": 1800,
            "protect": True,
        }
    ]
    assert _records(folder, "prod", "user") == [
        {
            "kind": "vault.auth.userpass.user",
            "slice": "platform",
            "mount": "bootstrap-prod",
            "name": "prod.bootstrap.ada",
            "username": "ada",
            "workloads": ["payments/setup"],
            "policies": ["prod.payments.setup"],
        }
    ]
    assert logins(folder.plan("prod"))["payments/setup"] == {
        "method": "userpass",
        "mount": "bootstrap-prod",
        "role": "ada",
    }


def test_one_name_that_several_teams_speak_of_is_one_user_with_the_policies_of_all(folder: ProjectFolder) -> None:
    folder.replace(IDENTITY, "workloads:\n", "workloads:\n  setup:\n    runs_as: {userpass: {username: ada}}\n")
    (user,) = _records(folder, "dev", "user")
    assert user["policies"] == ["dev.identity.setup", "dev.payments.setup"]


@pytest.mark.parametrize("name", ["Ada", '"*"', "a/b", '""', '"ada/../bob"'])
def test_a_name_is_what_the_server_keeps_and_one_segment_of_a_path(folder: ProjectFolder, name: str) -> None:
    (problem,) = folder.replace(PAYMENTS, "username: ada", f"username: {name}").problems()
    assert "workloads.setup.runs_as.userpass.username: the user name" in problem


@pytest.mark.parametrize(("file", "old"), [(PAYMENTS, "username: ada"), (COMMON, "token_ttl: 10m")])
def test_there_is_no_place_for_a_password_and_one_that_is_written_is_not_repeated(
    folder: ProjectFolder, file: str, old: str
) -> None:
    problems = folder.replace(file, old, f"{old}, password: canary-password").problems()
    assert problems
    assert all("password: unknown key" in problem for problem in problems)
    assert "canary-password" not in "".join(problems)


def test_the_example_of_the_page_is_sound(tmp_path: Path) -> None:
    page = example("vault/auth-userpass.md", tmp_path)
    assert page.problems() == []
    assert logins(page.plan("prod"))["payments/setup"]["role"] == "ada"
