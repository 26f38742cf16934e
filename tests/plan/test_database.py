"""Databases: what is planned from a catalog and an environment, and what is refused with its place and remedy."""

from pathlib import Path

import pytest

from strongroom.vault.database.plan import DatabaseConnection, DatabaseRole
from strongroom.vault.database.static_roles import DatabaseStaticRole
from strongroom.vault.password_policy.plan import PasswordPolicy
from strongroom.vault.policy.plan import Policy
from support.docs import example
from support.projects import COMMON, PAYMENTS, PROD, ProjectFolder

ORDERS = "database: {connection: orders, access: readonly, default_ttl: 1h, max_ttl: 24h}"
STATIC = "  ledger: {database_static_role: {connection: orders, username: ledger, rotation_period: 1d}}\n"
OTHERS = """\
        stock: {mysql: {host: db.example, username: adm, first_password: {pulumi_config: a}}}
        ring: {cassandra: {hosts: [db.example], username: adm, first_password: {pulumi_config: a}}}
        cache: {redis: {host: 127.0.0.1, tls: disable, username: adm, first_password: {pulumi_config: a}}}
"""


@pytest.fixture
def folder(folder: ProjectFolder) -> ProjectFolder:
    """The sound project with a login that stays, more kinds of connection, and a password policy."""
    folder.replace(COMMON, "  policies:\n", f"{OTHERS}  password_policies: {{long: {{length: 40}}}}\n  policies:\n")
    folder.replace(COMMON, "username: vault_admin\n", "username: vault_admin\n            password_policy: long\n")
    folder.replace(PAYMENTS, "grants:\n", f"{STATIC}grants:\n")
    folder.append(PAYMENTS, "  - {workload: checkout, secret: ledger, can: [read]}\n")
    return folder.append(PAYMENTS, "  - {workload: settlement, secret: ledger, can: [rotate]}\n")


def test_the_project_is_sound(folder: ProjectFolder) -> None:
    assert folder.problems() == []


def test_connections_serve_exactly_the_roles_that_are_declared_for_them(folder: ProjectFolder) -> None:
    made = {c.name: c for c in folder.plan("prod").of(DatabaseConnection)}
    assert made["orders"].allowed_roles == ("payments.ledger", "payments.orders-db")
    assert {name: c.allowed_roles for name, c in made.items() if name != "orders"} == dict.fromkeys(
        ("cache", "ring", "stock"), ()
    )
    assert made["orders"].password_policy == "prod.long"
    assert made["stock"].password_policy is None


def test_a_password_policy_has_a_name_that_says_its_environment(folder: ProjectFolder) -> None:
    for environment in ("dev", "prod"):
        (policy,) = folder.plan(environment).of(PasswordPolicy)
        assert (policy.name, policy.slice) == (f"{environment}.long", "platform")
        assert policy.policy.startswith("length = 40\n")


def test_a_login_that_stays_is_planned_for_its_team(folder: ProjectFolder) -> None:
    assert folder.plan("prod").of(DatabaseStaticRole) == (
        DatabaseStaticRole(
            slice="payments",
            mount="database-prod",
            name="payments.ledger",
            connection="orders",
            username="ledger",
            rotation_period_seconds=86400,
            rotation_schedule=None,
            rotation_window_seconds=None,
            rotation_statements=(),
        ),
    )


def test_who_reads_a_password_may_not_change_it_and_the_other_way_round(folder: ProjectFolder) -> None:
    texts = {policy.name: policy.text for policy in folder.plan("prod").of(Policy)}
    reader, rotator = texts["prod.payments.checkout"], texts["prod.payments.settlement"]
    assert 'path "database-prod/static-creds/payments.ledger" {\n  capabilities = ["read"]' in reader
    assert "rotate-role" not in reader
    assert 'path "database-prod/rotate-role/payments.ledger" {\n  capabilities = ["update"]' in rotator
    assert "static-creds" not in rotator


@pytest.mark.parametrize(
    ("database", "problem"),
    [
        (
            "{connection: order, access: readonly}",
            "connection: there is no database connection 'order' in prod; did you mean 'orders'?",
        ),
        (
            "{connection: stock, access: readonly}",
            "access: says nothing without a schema: mysql has no default one; add `schema`, the name of the database",
        ),
        (
            "{connection: ring, access: readonly}",
            "access: says nothing without a schema: cassandra has no default one; "
            "add `schema`, the name of the keyspace",
        ),
        (
            "{connection: cache, access: readonly}",
            "access: 'readonly' is not defined for redis; write `statements`",
        ),
        (
            "{connection: orders, statements: {creation: [SELECT 1]}}",
            "statements: do not say how to revoke; add `revocation`: what is not revoked stays",
        ),
        (
            "{connection: orders, statements: {creation: ['CREATE ROLE x superuser'], revocation: [SELECT 1]}}",
            "statements.creation[0]: this statement makes a login with SUPERUSER; "
            "grant the privileges that the workload uses, by name",
        ),
        (
            "{connection: orders, statements: {creation: [SELECT 1], revocation: ['GRANT ALL ON a TO b']}}",
            "statements.revocation[0]: this statement uses GRANT ALL; "
            "grant the privileges that the workload uses, by name",
        ),
        (
            """{connection: cache, statements: {creation: ['["~*", "+@all"]']}}""",
            "statements.creation[0]: this statement gives every command (+@all); "
            "give a category such as +@read, or take -@dangerous and -@admin away after it",
        ),
        (
            "{connection: orders, statements: {creation: ['GRANT vault_admin TO x'], revocation: [SELECT 1]}}",
            "statements.creation[0]: this statement gives or changes the connection's own login; "
            "grant a role that was made for the workload",
        ),
    ],
)
def test_access_that_a_connection_cannot_give_is_refused_where_it_stands(
    folder: ProjectFolder, database: str, problem: str
) -> None:
    problems = folder.replace(PAYMENTS, ORDERS, f"database: {database}").problems()
    assert all(text.startswith("catalog/payments.yaml:12:") for text in problems)
    assert f"secrets.orders-db.database.{problem}" in [text.partition(": ")[2] for text in problems]


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (
            "username: vault_admin, rotation_period: 1d",
            "username: 'vault_admin' is what connection orders logs in with",
        ),
        ("username: ledger, rotation_period: 1d", "username: 'ledger' is also that of secret payments/ledger"),
        (
            "username: other, rotation_period: 1d, rotation_statements: ['ALTER ROLE x SUPERUSER']",
            "rotation_statements[0]: this statement makes a login with SUPERUSER",
        ),
    ],
)
def test_a_login_that_another_password_change_would_lock_out_is_refused(
    folder: ProjectFolder, keys: str, problem: str
) -> None:
    folder.replace(
        PAYMENTS, "grants:\n", f"  other: {{database_static_role: {{connection: orders, {keys}}}}}\ngrants:\n"
    )
    problems = folder.problems()
    assert problems
    assert all(f"secrets.other.database_static_role.{problem}" in text for text in problems)


def test_a_password_policy_that_is_not_declared_is_refused(folder: ProjectFolder) -> None:
    problems = folder.replace(COMMON, "password_policy: long", "password_policy: lang").problems()
    assert problems
    assert all(
        "connections.orders.postgresql.password_policy: there is no password policy 'lang'; did you mean 'long'?"
        in text
        for text in problems
    )


def test_two_connections_with_one_login_would_lock_each_other_out(folder: ProjectFolder) -> None:
    twin = """\
        twin:
          postgresql:
            host: "{{ settings.orders_host }}"
            database: other
            username: vault_admin
            first_password: {pulumi_config: a}
"""
    problems = folder.replace(COMMON, "        stock:", f"{twin}        stock:").problems()
    assert problems
    assert all(
        "connections.twin.postgresql.username: 'vault_admin' is also what connection orders logs in with" in text
        for text in problems
    )
    folder.replace(COMMON, "database: other", "database: other\n            port: 5433")
    assert folder.problems() == []


@pytest.mark.parametrize("verb", ["write", "delete", "issue"])
def test_what_cannot_be_done_with_a_login_that_stays_is_refused(folder: ProjectFolder, verb: str) -> None:
    (problem, *_) = folder.replace(PAYMENTS, "can: [rotate]", f"can: [{verb}]").problems()
    assert f"'{verb}' is not possible for logins whose password the server changes; possible: read, rotate" in problem


@pytest.mark.parametrize(
    ("kind", "keys", "lacking"),
    [
        ("valkey", "", "vault"),
        ("mongodb", "", "openbao"),
        ("redshift", "database: dev, ", "openbao"),
        ("elasticsearch", "", "openbao"),
    ],
)
@pytest.mark.parametrize("flavour", ["openbao", "vault"])
def test_a_kind_whose_plugin_the_server_lacks_is_refused(
    folder: ProjectFolder, flavour: str, kind: str, keys: str, lacking: str
) -> None:
    login = "tls: disable, username: more, first_password: {pulumi_config: a}"
    folder.replace(
        COMMON, "        stock:", f"        more: {{{kind}: {{host: 127.0.0.1, {keys}{login}}}}}\n        stock:"
    )
    folder.replace(COMMON, "\nvault:\n", f"\nvault:\n  flavour: {flavour}\n")
    assert bool(folder.problems()) == (flavour == lacking)
    assert all(f"connections.more.{kind}" in text and " has no " in text for text in folder.problems())


def test_a_schedule_needs_a_server_that_has_them(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "rotation_period: 1d", "rotation_schedule: 0 3 * * SAT")
    assert folder.problems() == []
    folder.replace(COMMON, "\nvault:\n", "\nvault:\n  flavour: openbao\n")
    assert folder.problems()
    assert all("has no rotation schedules of static roles" in text for text in folder.problems())


def test_the_example_of_the_documentation_is_sound_and_says_what_the_page_says(tmp_path: Path) -> None:
    folder = example("vault/database.md", tmp_path)
    assert folder.problems() == []
    plan = folder.plan("prod")
    assert {c.name for c in plan.of(DatabaseConnection)} == {"orders", "cache"}
    assert {role.name for role in plan.of(DatabaseRole)} == {"shop.orders", "shop.migrations", "shop.sessions"}
    assert [(role.name, role.username) for role in plan.of(DatabaseStaticRole)] == [("shop.report", "report_job")]


def test_nothing_of_a_database_is_planned_where_there_is_no_engine(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, ORDERS, f"{ORDERS}\n    environments: [dev]")
    folder.replace(PAYMENTS, "rotation_period: 1d}}", "rotation_period: 1d}, environments: [dev]}")
    folder.append(PROD, "vault: {engines: {database: null}}\n")
    assert folder.problems() == []
    assert not [r for r in folder.plan("prod").records if r.kind.startswith("vault.database")]
