"""The section of adopted things in the plan: records as they were found, and what does not fit together."""

from pathlib import Path

import pytest

from strongroom.drift.additions import Declared
from strongroom.vault.adopted.plan import AdoptedThing, LeftThing
from strongroom.vault.policy.plan import Policy
from support.canary import is_in
from support.docs import example
from support.projects import DEV, ProjectFolder

ADOPTED = """
vault:
  adopted:
    engines:
      database:
        database:
          connections:
            postgres: {plugin_name: postgresql-database-plugin, connection_url: "postgresql://db/x", username: u}
          roles:
            readonly: {db_name: postgres, creation_statements: ["CREATE ROLE x"], default_ttl: 1h}
      team/totp: {other: {type: totp}}
    auth:
      kubernetes: {kubernetes: {config: {kubernetes_host: "https://k"}}}
      people: {oidc: {config: {oidc_client_id: vault, oidc_client_secret: {pulumi_config: oidc-secret}}}}
    policies:
      app/read: path "database/creds/readonly" { capabilities = ["read"] }
    entities:
      alice: {aliases: [{name: alice, auth: people}]}
    groups:
      all people: {members: [alice], member_groups: [inner]}
      inner: {}
    left: {sys/mounts/billing: another tool's}
"""


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder(tmp_path).append(DEV, ADOPTED)


def test_each_thing_is_a_record_with_what_differs_from_the_servers_defaults(project: ProjectFolder) -> None:
    things = {thing.key: thing for thing in project.plan("dev").of(AdoptedThing)}
    role = things["database_role/database/readonly"]
    assert role.settings == {
        "db_name": "postgres",
        "creation_statements": ["CREATE ROLE x"],
        "default_ttl": 3600,
    }
    assert things["mount/team/totp"].settings == {"type": "totp"}
    assert things["jwt_mount/auth/people"].settings == {
        "type": "oidc",
        "oidc_client_id": "vault",
        "oidc_client_secret": {"pulumi_config": "oidc-secret"},
    }
    assert things["group/all people"].settings == {
        "members": ["alice"],
        "member_groups": ["inner"],
        "type": "internal",
    }
    assert things["entity_alias/auth/people/alice"].settings == {"entity": "alice"}
    (left,) = project.plan("dev").of(LeftThing)
    assert (left.path, left.reason) == ("sys/mounts/billing", "another tool's")


def test_what_cannot_be_made_again_is_protected_where_the_environment_is(project: ProjectFolder) -> None:
    project.replace(DEV, "protect: false\n", "")
    protected = {thing.what for thing in project.plan("dev").of(AdoptedThing) if thing.protect}
    assert protected == {"mount", "auth_mount", "jwt_mount", "database_connection"}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("auth: people}", "auth: peopl}", "no auth method is adopted at 'peopl'; did you mean 'people'?"),
        ("members: [alice]", "members: [alicia]", "no entity 'alicia' is adopted; did you mean 'alice'?"),
        ("member_groups: [inner]", "member_groups: [iner]", "no group 'iner' is adopted; did you mean 'inner'?"),
        ('["read"] }', '["read" }', "cannot be read in line 1, column"),
        (
            "      database:\n        database:",
            "      kv-dev:\n        database:",
            "is mounted at 'kv-dev', as is stores.kv",
        ),
        ("app/read:", "app/../read:", "its segments are neither empty nor dots"),
        ("{other: {type: totp}}", "{other: {type: totp}, ssh: {}}", "engine is given as other and ssh at once"),
        ("default_ttl: 1h", "default_ttl: 60", "needs a duration"),
        ("username: u", "username: u, password: x", "unknown key"),
    ],
)
def test_mistakes_say_what_and_where(project: ProjectFolder, old: str, new: str, problem: str) -> None:
    problems = project.replace(DEV, old, new).problems()
    assert len(problems) == 1, problems
    assert problem in problems[0]


CATALOG = """\
team: reports
workloads:
  weekly: {runs_as: {approle: {}}}
secrets:
  orders: {adopted_role: {engine: database, role: readonly}, environments: [dev]}
grants:
  - {workload: weekly, secret: orders, can: [read]}
"""


def test_a_grant_on_an_adopted_role_is_to_be_issued_its_credentials(project: ProjectFolder) -> None:
    project.write("catalog/reports.yaml", CATALOG)
    (policy,) = (policy for policy in project.plan("dev").of(Policy) if policy.name == "dev.reports.weekly")
    rules = {rule.path: rule.capabilities for rule in policy.rules}
    assert rules["database/creds/readonly"] == ("read",)
    assert "sys/leases/renew" in rules


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "role: readonly",
            "role: readonyl",
            "'database' has no adopted role 'readonyl' in dev; did you mean 'readonly'?",
        ),
        ("role: readonly", "static_role: a", "'database' has no adopted static role 'a' in dev; adopt it, or limit"),
        ("engine: database", "engine: databse", "no database engine is adopted at 'databse' in dev; did you mean"),
        ("role: readonly", "role: '*'", "must match"),
        ("role: readonly", "role: a, static_role: b", "name exactly one of role and static_role"),
        ("can: [read]", "can: [write]", "'write' is not possible for credentials of a role that was there before"),
    ],
)
def test_mistakes_about_adopted_roles_say_what_and_where(
    project: ProjectFolder, old: str, new: str, problem: str
) -> None:
    project.write("catalog/reports.yaml", CATALOG.replace(old, new))
    assert any(problem in found for found in project.problems()), project.problems()


def test_an_adopted_policy_cannot_reach_another_environment(project: ProjectFolder) -> None:
    project.replace(DEV, '"database/creds/readonly"', '"+/data/payments/*"')
    (problem,) = project.problems()
    assert "vault.adopted.policies.'app/read': policy app/read of dev reaches prod" in problem
    assert 'rule "+/data/payments/*" matches kv-prod/data/payments/' in problem


def test_audit_devices_of_openbao_are_in_its_own_configuration(project: ProjectFolder) -> None:
    project.append(DEV, "    audit: {file: {type: file, options: {file_path: /x}}}\n").replace(
        DEV, "vault:\n  adopted", "vault:\n  flavour: openbao\n  adopted"
    )
    (problem,) = project.problems()
    assert "OpenBao keeps audit devices in its own configuration" in problem


def test_an_environment_without_stores_refuses_stored_values_only(tmp_path: Path) -> None:
    project = ProjectFolder(tmp_path)
    project.write("environments/alone.yaml", "environment: alone\nvault: {}\n")
    project.write("catalog/solo.yaml", "team: solo\nsecrets: {key: {fields: [a], environments: [alone]}}\n")
    missing = "secrets.key.fields: has values, and alone has no default_store to keep them in; name a `store`"
    assert any(problem.startswith("catalog/solo.yaml:2:") and missing in problem for problem in project.problems())


@pytest.mark.parametrize("page", ["adopt.md", "drift.md"])
def test_the_examples_of_the_pages_are_sound(page: str, tmp_path: Path) -> None:
    assert example(page, tmp_path).problems() == []


def test_what_plans_declare_is_known_by_place_and_name(project: ProjectFolder) -> None:
    declared = Declared.of([project.plan("dev"), project.plan("prod")])
    assert declared.mounts >= {
        "database",
        "team/totp",
        "auth/kubernetes",
        "auth/people",
        "kv-prod",
        "auth/cluster-prod",
    }
    assert declared.within >= {("database", "readonly"), ("auth/cluster-dev", "payments.checkout")}
    assert declared.names["sys/policies/acl"] >= {"app/read", "dev.payments.checkout", "prod.platform.inventory"}
    assert declared.names["identity/group/name"] >= {"all people", "inner"}
    assert "all people" not in declared.names["sys/policies/acl"]
    assert not any("payments.checkout" in names for names in declared.names.values())  # a role, which is in a mount
    assert declared.whole == {"team/totp"}
    assert declared.leaves("sys/mounts/billing")
    assert not declared.leaves("sys/mounts/billing2")


NAMES_OF = "names that begin with '{0}.' are those of what is derived for {0}; rename it on the server"


@pytest.mark.parametrize(
    ("section", "value", "where"),
    [
        ("policies", 'path "a" { capabilities = ["read"] }', "policies"),
        ("password_policies", "length = 20", "password_policies"),
        ("token_roles", "{}", "token_roles"),
        ("entities", "{}", "entities"),
        ("groups", "{}", "groups"),
    ],
)
@pytest.mark.parametrize("name", ["dev.payments.checkout", "prod.payments.checkout", "Prod.payments.checkout"])
def test_nothing_adopted_has_a_name_that_an_environment_gives(
    tmp_path: Path, section: str, value: str, where: str, name: str
) -> None:
    text = f"vault:\n  adopted:\n    {section}:\n      {name}: {value}\n"
    (problem,) = ProjectFolder(tmp_path).append(DEV, text).problems()
    assert f"vault.adopted.{where}.'{name}': {NAMES_OF.format(name[: name.index('.')].lower())}" in problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("token_roles: {batch: {allowed_policies: [prod.x.y]}}", "batch.allowed_policies[0]: 'prod.x.y' is a policy"),
        ("token_roles: {batch: {token_policies: [a, prod.x.y]}}", "batch.token_policies[1]: 'prod.x.y' is a policy"),
        ("token_roles: {batch: {allowed_policies_glob: ['prod.*']}}", "'prod.*' matches policies of prod"),
        ("token_roles: {batch: {allowed_policies_glob: ['p*']}}", "'p*' matches policies of prod"),
        ("groups: {g: {policies: [prod.x.y]}}", "groups.g.policies[0]: 'prod.x.y' is a policy of prod"),
        ("entities: {e: {policies: [' PROD.x.y']}}", "entities.e.policies[0]: ' PROD.x.y' is a policy of prod"),
        (
            "auth: {m: {approle: {roles: {r: {token_policies: [prod.x.y]}}}}}",
            "auth.m.approle.roles.r.token_policies[0]: 'prod.x.y' is a policy of prod",
        ),
    ],
)
def test_nothing_adopted_gives_a_policy_of_another_environment(tmp_path: Path, text: str, problem: str) -> None:
    (found,) = ProjectFolder(tmp_path).append(DEV, f"vault:\n  adopted:\n    {text}\n").problems()
    assert problem in found


def test_what_is_adopted_may_give_policies_of_its_own_environment(tmp_path: Path) -> None:
    text = "token_roles: {batch: {allowed_policies: [dev.x.y, other], allowed_policies_glob: ['dev.x.*', 'app*']}}"
    assert ProjectFolder(tmp_path).append(DEV, f"vault:\n  adopted:\n    {text}\n").problems() == []


def test_a_policy_on_a_name_of_another_environment_is_refused(project: ProjectFolder) -> None:
    project.replace(DEV, '"database/creds/readonly"', '"sys/policies/acl/prod.payments.checkout"')
    (problem,) = project.problems()
    assert "policy app/read of dev reaches prod" in problem


@pytest.mark.parametrize("url", ["root:hunter2@tcp(db:3306)/", "mysql://root:hunter2@db/", "host=a password=hunter2"])
def test_a_password_in_an_address_is_refused_without_a_word_of_it(project: ProjectFolder, url: str) -> None:
    (problem,) = project.replace(DEV, "postgresql://db/x", url).problems()
    assert "connection_url: the password itself seems to stand in it" in problem
    assert not is_in("hunter2", problem)
    assert "root" not in problem


def test_a_role_that_two_teams_declare_has_one_owner(project: ProjectFolder) -> None:
    project.write("catalog/reports.yaml", CATALOG)
    project.write("catalog/thieves.yaml", CATALOG.replace("team: reports", "team: thieves"))
    (problem,) = project.problems()
    assert problem.startswith("catalog/thieves.yaml:5:")
    assert "'database' has one role 'readonly', and it is reports/orders; one secret has one owner" in problem
