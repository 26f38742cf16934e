"""OIDC auth in files and plans: groups of people are workloads like any other, and their policies are derived."""

from pathlib import Path
from typing import Any, Final

import pytest

from strongroom.plan.logins import logins
from support.docs import example
from support.projects import COMMON, IDENTITY, PAYMENTS, PROD, ProjectFolder

METHOD: Final = """\
    people:
      oidc:
        oidc_discovery_url: https://login.example
        client_id: vault
        client_secret: {environment_variable: OIDC_SECRET}
        roles:
          staff:
            bound_claims: {department: engineering}
            redirect_uris: ["http://localhost:8250/oidc/callback"]
"""
OPERATORS: Final = "  operators:\n    runs_as: {people: {group: Operators}}\n"


@pytest.fixture
def folder(folder: ProjectFolder) -> ProjectFolder:
    """The sound project, with operators who log in through a browser and may write a secret."""
    folder.replace(COMMON, "    machines: {approle: {}}\n", f"    machines: {{approle: {{}}}}\n{METHOD}")
    folder.replace(PAYMENTS, "workloads:\n", f"workloads:\n{OPERATORS}")
    return folder.append(PAYMENTS, "  - {workload: operators, secret: stripe, can: [write]}\n")


def _records(folder: ProjectFolder, stack: str, kind: str) -> list[dict[str, Any]]:
    return [r.as_json() for r in folder.plan(stack).records if r.kind == f"vault.auth.oidc.{kind}"]


def test_a_method_names_its_clients_secret_by_reference(folder: ProjectFolder) -> None:
    assert folder.problems() == []
    assert _records(folder, "prod", "method") == [
        {
            "kind": "vault.auth.oidc.method",
            "slice": "platform",
            "mount": "people-prod",
            "oidc_discovery_url": "https://login.example",
            "ca_pem": "",
            "client_id": "vault",
            "client_secret_from": ["environment_variable", "OIDC_SECRET"],
            "default_role": "staff",
            "protect": True,
        }
    ]


def test_a_group_gets_the_policy_derived_from_its_grants_under_the_name_of_its_environment(
    folder: ProjectFolder,
) -> None:
    for stack in ("dev", "prod"):
        (group,) = _records(folder, stack, "group")
        assert (group["name"], group["group"]) == (f"{stack}.people.Operators", "Operators")
        assert group["policies"] == [f"{stack}.payments.operators"]
        (policy,) = [r.as_json() for r in folder.plan(stack).records if r.key == f"{stack}.payments.operators"]
        assert f'path "kv-{stack}/data/payments/stripe"' in policy["text"]


def test_one_group_that_several_teams_speak_of_is_one_group_with_the_policies_of_all(folder: ProjectFolder) -> None:
    folder.replace(IDENTITY, "workloads:\n", "workloads:\n  support:\n    runs_as: {people: {group: Operators}}\n")
    assert folder.problems() == []
    (group,) = _records(folder, "prod", "group")
    assert group["workloads"] == ["identity/support", "payments/operators"]
    assert group["policies"] == ["prod.identity.support", "prod.payments.operators"]
    assert group["slice"] == "platform"


def test_the_plan_says_how_a_group_logs_in(folder: ProjectFolder) -> None:
    assert logins(folder.plan("prod"))["payments/operators"] == {
        "method": "oidc",
        "mount": "people-prod",
        "role": "staff",
    }


def test_people_need_a_method_that_accepts_them(folder: ProjectFolder) -> None:
    folder.append(PROD, "vault: {auth: {people: null}}\n")
    (problem,) = folder.problems()
    assert "workloads.operators.runs_as: no auth method of prod accepts people" in problem


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("localhost:8250", "evil.example", "the redirect URI must begin with https://, or with http:// and localhost"),
        ("http://localhost:8250/oidc/callback", "https://vault.example/*", "no query or pattern"),
        ('["http://localhost:8250/oidc/callback"]', "[]", "needs at least 1 of them, has 0"),
        ("department: engineering", 'department: "*"', "a claim is compared literally"),
        ("department: engineering", 'department: "a,b"', "',' would make this several values"),
        ("https://login.example", "http://login.example", "the URL must begin with https://"),
        ("        client_id: vault\n", "        client_id: vault\n        default_role: stuff\n", "'stuff' is no role"),
        ("{environment_variable: OIDC_SECRET}", "canary-in-plain-text", "client_secret"),
    ],
)
def test_what_cannot_work_is_refused_with_the_remedy(folder: ProjectFolder, old: str, new: str, problem: str) -> None:
    problems = folder.replace(COMMON, old, new).problems()
    assert problems
    assert all("auth.people.oidc" in found and problem in found for found in problems)
    assert "canary-in-plain-text" not in "".join(problems)


def test_several_roles_need_a_default(folder: ProjectFolder) -> None:
    other = '          guests: {redirect_uris: ["https://vault.example/ui/vault/auth/people/oidc/callback"]}\n'
    folder.replace(COMMON, "        roles:\n", f"        roles:\n{other}")
    assert all(
        "there are several roles and no default_role; name one of: guests, staff" in p for p in folder.problems()
    )
    folder.replace(COMMON, "        client_id: vault\n", "        client_id: vault\n        default_role: staff\n")
    assert folder.problems() == []
    assert [role["name"] for role in _records(folder, "prod", "role")] == ["guests", "staff"]


@pytest.mark.parametrize("group", ['"*"', '"a*"', '""', '"a\\nb"', '" a"'])
def test_a_group_is_named_exactly(folder: ProjectFolder, group: str) -> None:
    (problem,) = folder.replace(PAYMENTS, "group: Operators", f"group: {group}").problems()
    assert "workloads.operators.runs_as.people.group: the group" in problem


def test_the_example_of_the_page_is_sound(tmp_path: Path) -> None:
    page = example("vault/auth-oidc.md", tmp_path)
    assert page.problems() == []
    assert logins(page.plan("prod"))["payments/operators"]["role"] == "staff"
