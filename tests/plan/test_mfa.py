"""Login MFA in files and plans: methods, secrets by reference, and only where people log in."""

from pathlib import Path
from typing import Any, Final

import pytest

from support.docs import example
from support.projects import COMMON, ProjectFolder

MFA: Final = """\
  mfa:
    methods:
      app: {totp: {issuer: Acme}}
      push:
        duo:
          api_hostname: api.duo.example
          integration_key: {pulumi_config: duo-key}
          secret_key: {pulumi_config: duo-secret}
          username_format: "{{identity.entity.aliases.${auth/people/@accessor}.name}}"
    enforcements:
      staff: {methods: [push, app], auth: [people]}
"""


@pytest.fixture
def folder(folder: ProjectFolder) -> ProjectFolder:
    """The sound project with people, who need a second factor."""
    folder.replace(COMMON, "    machines: {approle: {}}\n", "    machines: {approle: {}}\n    people: {userpass: {}}\n")
    return folder.append(COMMON, MFA)


def _records(folder: ProjectFolder, kind: str) -> dict[str, dict[str, Any]]:
    return {r.key: r.as_json() for r in folder.plan("prod").records if r.kind == f"vault.mfa.{kind}"}


def test_methods_have_their_settings_and_references_to_their_secrets(folder: ProjectFolder) -> None:
    assert folder.problems() == []
    methods = _records(folder, "method")
    assert methods["push"]["secrets_from"] == [
        ["integration_key", ["pulumi_config", "duo-key"]],
        ["secret_key", ["pulumi_config", "duo-secret"]],
    ]
    template = "{{identity.entity.aliases.${auth/people-prod/@accessor}.name}}"
    assert dict(methods["push"]["settings"])["username_format"] == template
    assert dict(methods["app"]["settings"]) == {
        "issuer": "Acme", "algorithm": "SHA1", "digits": 6, "period": 30, "skew": 1, "key_size": 20,
        "max_validation_attempts": 5,
    }  # fmt: skip


def test_an_enforcement_names_mounts_and_says_its_environment(folder: ProjectFolder) -> None:
    assert _records(folder, "enforcement") == {
        "prod.staff": {
            "kind": "vault.mfa.enforcement",
            "slice": "platform",
            "name": "prod.staff",
            "methods": ["app", "push"],
            "mounts": ["people-prod"],
        }
    }


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("auth: [people]}", "auth: [cluster]}", "staff.auth[0]: workloads log in at 'cluster', and cannot answer"),
        ("auth: [people]}", "auth: [machines]}", "staff.auth[0]: workloads log in at 'machines'"),
        ("auth: [people]}", "auth: [poeple]}", "staff.auth[0]: there is no auth method 'poeple'; did you mean"),
        ("[push, app]", "[push, pusch]", "staff.methods[1]: there is no MFA method 'pusch'; did you mean 'push'?"),
        ("auth/people/", "auth/poeple/", "push.duo.username_format: there is no auth method 'poeple'"),
        ("${auth/people/@accessor}", "auth_userpass_1", "push.duo.username_format: the server fills in nothing for"),
        ("{totp: {issuer: Acme}}", "{totp: {}}", "app.totp: 'issuer' is missing"),
        ("{totp: {issuer: Acme}}", "{totp: {issuer: Acme, digits: 7}}", "app.totp.digits"),
        ("{totp: {issuer: Acme}}", "{}", "app: no MFA method is given"),
        ("{pulumi_config: duo-secret}", "canary-in-plain-text", "push.duo.secret_key"),
    ],
)
def test_what_cannot_work_is_refused_where_it_stands(folder: ProjectFolder, old: str, new: str, problem: str) -> None:
    found = folder.replace(COMMON, old, new).problems()
    assert found
    assert all("vault.mfa." in each and problem in each for each in found), found
    assert "canary" not in "".join(found)


def test_the_example_of_the_page_is_sound(tmp_path: Path) -> None:
    page = example("vault/mfa.md", tmp_path)
    assert page.problems() == []
    assert _records(page, "enforcement")["prod.people"]["mounts"] == ["people-prod"]
