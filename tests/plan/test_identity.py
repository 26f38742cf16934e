"""Entities, groups and templates in files and plans: who is who, and what is refused as it could be somebody else."""

from pathlib import Path
from typing import Any, Final

import pytest

from strongroom.plan.logins import logins
from support.docs import example
from support.projects import COMMON, IDENTITY, PAYMENTS, ProjectFolder

STORE: Final = """\
  identity:
    groups:
      readers: {teams: [payments], workloads: [identity/login], policies: [inventory]}
"""
CI: Final = """\
    ci:
      jwt:
        accepts: [github_actions, gitlab_ci, jwt]
        audiences: [vault]
        oidc_discovery_url: https://ci.example
        groups_claim: groups
"""
GITHUB: Final = "{github_actions: {repository: acme/payments, environment: production}}"
ACCESSOR: Final = "${auth/cluster/@accessor}"


@pytest.fixture
def folder(folder: ProjectFolder) -> ProjectFolder:
    """The sound project with entities, a group, and a workload that logs in in two ways."""
    folder.append(COMMON, STORE)
    folder.replace(COMMON, "    machines: {approle: {}}\n", f"    machines: {{approle: {{}}}}\n{CI}")
    account = "{kubernetes: {namespace: payments, service_account: checkout}}"
    return folder.replace(PAYMENTS, account, f"{account}\n    also: [{{runs_as: {GITHUB}}}]")


def _records(folder: ProjectFolder, kind: str, stack: str = "prod") -> dict[str, dict[str, Any]]:
    return {r.key: r.as_json() for r in folder.plan(stack).records if r.kind == f"vault.identity.{kind}"}


def _external(folder: ProjectFolder, **keys: str) -> ProjectFolder:
    written = {"auth": "ci", "group": "maintainers", "policies": "[inventory]", **keys}
    line = ", ".join(f"{key}: {value}" for key, value in written.items())
    return folder.append(COMMON, f"    external_groups:\n      ours: {{{line}}}\n")


def test_every_workload_is_one_entity_with_a_name_at_each_method_it_logs_in_at(folder: ProjectFolder) -> None:
    assert folder.problems() == []
    entities = _records(folder, "entity")
    assert sorted(entities) == ["prod.identity.login", "prod.payments.checkout", "prod.payments.settlement"]
    checkout = entities["prod.payments.checkout"]
    assert checkout["slice"] == "payments"
    assert checkout["metadata"] == [["environment", "prod"], ["team", "payments"], ["workload", "checkout"]]
    assert checkout["aliases"] == [
        {"mount": "cluster-prod", "name": "system:serviceaccount:payments:checkout", "role": "payments.checkout"},
        {"mount": "ci-prod", "name": "acme/payments", "role": "payments.checkout"},
    ]
    assert entities["prod.payments.settlement"]["aliases"] == [
        {"mount": "machines-prod", "name": None, "role": "payments.settlement"}
    ]


def test_both_logins_are_roles_with_the_same_policies_and_are_told(folder: ProjectFolder) -> None:
    roles = [r.as_json() for r in folder.plan("prod").records if r.kind == "vault.auth.jwt.role"]
    assert [(r["mount"], r["policies"], r["user_claim"]) for r in roles if r["workload"] == "payments/checkout"] == [
        ("ci-prod", ["prod.payments.checkout"], "repository"),
        ("cluster-prod", ["prod.payments.checkout"], "sub"),
    ]
    assert logins(folder.plan("prod"))["payments/checkout"] == {
        "method": "jwt",
        "mount": "ci-prod",
        "role": "payments.checkout",
        "also": [{"method": "jwt", "mount": "cluster-prod", "role": "payments.checkout"}],
    }


def test_without_the_section_nothing_of_it_is_made_and_several_logins_work_all_the_same(
    folder: ProjectFolder,
) -> None:
    folder.replace(COMMON, STORE, "")
    assert folder.problems() == []
    assert not _records(folder, "entity") | _records(folder, "group")
    (ci,) = [r.as_json() for r in folder.plan("prod").records if r.kind == "vault.auth.jwt.role" and "ci-" in r.key]
    assert ci["user_claim"] == "sub"


def test_a_group_is_one_for_each_team_so_that_no_slice_speaks_for_another(folder: ProjectFolder) -> None:
    groups = _records(folder, "group")
    assert {name: (group["slice"], group["members"]) for name, group in groups.items()} == {
        "prod.identity.readers": ("identity", ["prod.identity.login"]),
        "prod.payments.readers": ("payments", ["prod.payments.checkout", "prod.payments.settlement"]),
    }
    assert groups["prod.payments.readers"]["policies"] == ["prod.platform.inventory"]


def test_an_external_group_belongs_to_the_platform(folder: ProjectFolder) -> None:
    assert _external(folder).problems() == []
    (group,) = _records(folder, "external_group").values()
    assert (group["slice"], group["mount"], group["group"]) == ("platform", "ci-prod", "maintainers")


@pytest.mark.parametrize(
    ("other", "where", "problem"),
    [
        (
            "{kubernetes: {namespace: payments, service_account: checkout}}",
            "checkout",
            "is known to auth method cluster of prod as 'system:serviceaccount:payments:checkout', as is identity/twin",
        ),
        (
            "{github_actions: {repository: acme/payments, environment: staging}}",
            "checkout",
            "is known to auth method ci of prod as 'acme/payments', as is identity/twin",
        ),
    ],
)
def test_two_workloads_that_a_method_knows_by_one_name_are_refused(
    folder: ProjectFolder, other: str, where: str, problem: str
) -> None:
    folder.replace(IDENTITY, "workloads:\n", f"workloads:\n  twin:\n    runs_as: {other}\n")
    found = [text for text in folder.problems() if problem in text]
    assert found
    assert f"workloads.{where}" in found[0]


def test_jobs_of_one_repository_are_told_apart_by_their_subject(folder: ProjectFolder) -> None:
    other = "{github_actions: {repository: acme/payments, environment: staging, subject: 'repo:acme/payments:x'}}"
    folder.replace(IDENTITY, "workloads:\n", f"workloads:\n  twin:\n    runs_as: {other}\n")
    assert folder.problems() == []
    assert _records(folder, "entity")["prod.identity.twin"]["aliases"][0]["name"] == "repo:acme/payments:x"


def test_a_certificate_needs_its_common_name_where_there_are_entities(folder: ProjectFolder) -> None:
    pem = "-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----"
    folder.replace(COMMON, CI, f'{CI}    hosts: {{cert: {{ca_pem: "{pem}"}}}}\n')
    host = "  host:\n    runs_as: {certificate: {dns_san: batch.example}}\n"
    folder.replace(IDENTITY, "workloads:\n", f"workloads:\n{host}")
    assert all("workloads.host.runs_as" in text and "`common_name`" in text for text in folder.problems())
    assert folder.problems()
    folder.replace(IDENTITY, "{dns_san: batch.example}", "{dns_san: batch.example, common_name: batch.example}")
    assert folder.problems() == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (GITHUB, "{approle: {}}, auth: robots", "there is no auth method 'robots' in prod"),
        (GITHUB, "{kubernetes: {namespace: a, service_account: b}}", "logs in at auth method cluster of prod already"),
        (GITHUB, "{people: {group: Ops}}", "people has one way to log in"),
        (GITHUB, "{userpass: {username: ada}}", "userpass has one way to log in"),
    ],
)
def test_a_further_login_is_checked_like_the_first(folder: ProjectFolder, old: str, new: str, problem: str) -> None:
    found = folder.replace(PAYMENTS, old, new).problems()
    assert any("workloads.checkout" in text and problem in text for text in found), found


@pytest.mark.parametrize(
    ("old", "new", "place", "problem"),
    [
        ("policies: [inventory]}", "policies: [inventry]}", "policies[0]", "there is no policy 'inventry'; did you"),
        ("teams: [payments]", "teams: [payment]", "teams[0]", "there is no team 'payment'; did you mean 'payments'?"),
        ("identity/login]", "identity/logn]", "workloads[0]", "there is no workload 'identity/logn'; did you mean"),
        ("{teams: [payments], workloads: [identity/login], ", "{", "readers", "nobody is in the group"),
    ],
)
def test_a_group_of_nobody_or_of_nothing_is_refused_where_it_stands(
    folder: ProjectFolder, old: str, new: str, place: str, problem: str
) -> None:
    text = (folder.root / "stacks" / COMMON).read_text()
    folder.write(COMMON, text[: text.index("  identity:\n")] + STORE.replace(old, new))
    found = folder.problems()
    assert found
    assert all("vault.identity.groups.readers" in each and place in each and problem in each for each in found), found


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"auth": "cluster"}, "auth: auth method 'cluster' says nothing about groups"),
        ({"auth": "machines"}, "auth: auth method 'machines' says nothing about groups"),
        ({"auth": "cii"}, "auth: there is no auth method 'cii'; did you mean 'ci'?"),
        ({"policies": "[nothing]"}, "policies[0]: there is no policy 'nothing'"),
        ({"group": '"a*"'}, "group: the group has '*' at character 2"),
    ],
)
def test_an_external_group_needs_a_method_that_names_groups(
    folder: ProjectFolder, keys: dict[str, str], problem: str
) -> None:
    found = _external(folder, **keys).problems()
    assert found
    assert all(f"external_groups.ours.{problem}" in each for each in found), found


def test_a_templated_path_keeps_its_reference_until_there_is_an_accessor(folder: ProjectFolder) -> None:
    template = f"{{{{identity.entity.aliases.{ACCESSOR}.name}}}}"
    folder.replace(COMMON, "kv-{{ environment }}/metadata/*", f"kv-{{{{ environment }}}}/data/own/{template}")
    assert folder.problems() == []
    (policy,) = [r for r in folder.plan("prod").records if r.key == "prod.platform.inventory"]
    assert policy.methods == ["cluster-prod"]  # type: ignore[attr-defined]
    assert "kv-prod/data/own/{{identity.entity.aliases.auth_jwt_1.name}}" in policy.text_with(lambda _: "auth_jwt_1")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("kv/{{identity.entity.aliases.${auth/clutser/@accessor}.name}}", "no auth method 'clutser' to have an acc"),
        ("kv/{{identity.entity.nme}}", "the server fills in nothing for 'identity.entity.nme'"),
        ("kv/{{identity.entity.aliases.auth_jwt_1.name}}", "the server fills in nothing for"),
        ("kv/a-{{identity.entity.id}}", "a template stands for one whole segment"),
        ("{{identity.entity.name}}/data/x", "the path begins with a template"),
        ("kv/{identity.entity.id}", "braces only around a template"),
        ("kv/${auth/cluster/@accessor}", "braces only around a template"),
    ],
)
def test_a_template_that_the_server_would_not_fill_is_refused_where_it_stands(
    folder: ProjectFolder, path: str, problem: str
) -> None:
    found = folder.replace(COMMON, "kv-{{ environment }}/metadata/*", path).problems()
    assert found
    assert all("vault.policies.inventory.rules[0].path" in each and problem in each for each in found), found


def test_a_deny_that_may_not_hold_is_refused(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "kv-{{ environment }}/metadata/*", "kv/{{identity.entity.id}}")
    found = folder.replace(COMMON, "capabilities: [list, read]", "capabilities: [deny]").problems()
    assert found
    assert all("a `deny` at a templated path is left out" in each for each in found)


def test_a_template_that_could_name_another_environments_mount_is_a_crossing(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "kv-{{ environment }}/metadata/*", "+/data/{{identity.entity.id}}")
    assert any("reaches dev" in each for each in folder.problems())


def test_the_example_of_the_page_is_sound(tmp_path: Path) -> None:
    page = example("vault/identity.md", tmp_path)
    assert page.problems() == []
    assert {"prod.ledger.in-cluster", "prod.payments.in-cluster"} == _records(page, "group").keys()
    (entity,) = [e for e in _records(page, "entity").values() if e["workload"] == "payments/checkout"]
    assert [alias["name"] for alias in entity["aliases"]] == ["payments/checkout", "acme/payments"]


OIDC: Final = """\
    people:
      oidc:
        oidc_discovery_url: https://login.example
        client_id: strongroom
        client_secret: {pulumi_config: oidc-secret}
        roles:
          staff:
            redirect_uris: ["http://localhost:8250/oidc/callback"]
"""
USERS: Final = "    users: {userpass: {}}\n"


def _team(folder: ProjectFolder, team: str, name: str, runs_as: str) -> ProjectFolder:
    return folder.write(f"catalog/{team}.yaml", f"team: {team}\nworkloads:\n  {name}: {{runs_as: {runs_as}}}\n")


def test_an_external_group_and_one_of_people_never_share_a_name(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "    machines:", f"{OIDC}    machines:")
    folder.append(COMMON, "    external_groups: {admins: {auth: people, group: other, policies: [inventory]}}\n")
    _team(folder, "ops", "staff", "{people: {group: admins}}")
    problems = [problem for problem in folder.problems() if "prod" in problem]
    (problem,) = problems
    assert "catalog/ops.yaml:3:" in problem
    assert (
        "its group would be called prod.people.admins, as is that of vault.identity.external_groups.admins" in problem
    )
    assert "(stacks/environments/common.yaml:" in problem


def test_a_group_of_workloads_and_one_of_people_never_share_a_name(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "    machines:", f"{OIDC.replace('people:', 'payments:')}    machines:")
    _team(folder, "ops", "staff", "{people: {group: Readers}}")
    (problem,) = [problem for problem in folder.problems() if "prod" in problem]
    assert "its group would be called prod.payments.Readers, as is that of vault.identity.groups.readers" in problem


def test_a_user_and_a_workload_never_share_an_entity(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "    machines:", f"{USERS.replace('users', 'payments')}    machines:")
    _team(folder, "ops", "setup", "{userpass: {username: checkout}}")
    (problem,) = [problem for problem in folder.problems() if "prod" in problem]
    assert "catalog/ops.yaml:3:" in problem
    assert "its entity would be called prod.payments.checkout, as is that of workloads.checkout" in problem
    assert "(stacks/catalog/payments.yaml:" in problem


def test_several_workloads_may_be_one_user_or_one_group_of_people(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "    machines:", f"{OIDC}{USERS}    machines:")
    for team in ("ops", "web"):
        folder.write(
            f"catalog/{team}.yaml",
            f"team: {team}\nworkloads:\n  a: {{runs_as: {{userpass: {{username: ada}}}}}}\n"
            "  b: {runs_as: {people: {group: admins}}}\n",
        )
    assert folder.problems() == []
