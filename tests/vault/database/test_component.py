"""The database engine: the first password is a secret, sent once, and worthless afterwards."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from strongroom.vault.database.component import VaultDatabaseEngine
from strongroom.vault.database.connection_args import VaultPostgresqlConnectionArgs
from strongroom.vault.database.roles import VaultDatabaseRoleArgs, VaultDatabaseRoles
from strongroom.vault.password_policy.component import VaultPasswordPolicies
from support.mocks import UNKNOWN, Recording, record, unknown

CANARY = "first-password-canary-7f3a"
ORDERS: VaultPostgresqlConnectionArgs = {
    "connection_url": "postgresql://{{username}}:{{password}}@db:5432/orders",
    "username": "vault_admin",
    "allowed_roles": ["payments.orders-db"],
}
ROLE: VaultDatabaseRoleArgs = {
    "connection": "orders",
    "creation_statements": ['CREATE ROLE "{{name}}"', "GRANT SELECT"],
    "revocation_statements": ['DROP ROLE "{{name}}"'],
    "default_ttl_seconds": 3600,
    "max_ttl_seconds": 86400,
}


def _engine(connection: VaultPostgresqlConnectionArgs, **settings: bool) -> Recording:
    return record(
        lambda: VaultDatabaseEngine("db", {"mount": "database-prod", "postgresql": {"orders": connection}, **settings})  # type: ignore[typeddict-item]
    )


@pytest.mark.parametrize("given", [str, pulumi.Output.secret, pulumi.Output.from_input])
def test_the_first_password_is_secret_however_it_was_given(given: Callable[[str], pulumi.Input[str]]) -> None:
    def program() -> None:
        orders: VaultPostgresqlConnectionArgs = {**ORDERS, "first_password": given(CANARY)}
        VaultDatabaseEngine("db", {"mount": "m", "postgresql": {"orders": orders}})

    made = record(program)
    connection = made.named("db-orders-connection")
    assert "postgresql.password" in connection.secrets
    assert connection.inputs["postgresql"]["password"] == CANARY


def test_the_first_password_is_in_no_other_request_and_in_no_output() -> None:
    made = _engine({**ORDERS, "first_password": CANARY})
    everything = {resource.name: resource.request for resource in made.resources}
    everything |= {f"outputs of {name}": str(outputs) for name, outputs in made.outputs.items()}
    spellings = (CANARY, base64.b64encode(CANARY.encode()).decode())
    assert [where for where, text in everything.items() if any(s in text for s in spellings)] == [
        "db-orders-connection"
    ]


def test_without_a_first_password_none_is_sent() -> None:
    connection = _engine(ORDERS).named("db-orders-connection")
    assert "password" not in connection.inputs["postgresql"]
    assert connection.secrets == frozenset()


def test_a_changed_first_password_is_never_sent_again() -> None:
    assert _engine(ORDERS).named("db-orders-connection").ignore_changes == ("postgresql.password",)


def test_the_connection_is_verified_hashed_and_bound_to_its_roles() -> None:
    connection = _engine(ORDERS).named("db-orders-connection")
    assert connection.type == "vault:database/secretBackendConnection:SecretBackendConnection"
    assert connection.parent == "db"
    assert connection.inputs == {
        "name": "orders",
        "backend": "database-prod",
        "allowedRoles": ["payments.orders-db"],
        "verifyConnection": True,
        "postgresql": {
            "connectionUrl": ORDERS["connection_url"],
            "username": "vault_admin",
            "passwordAuthentication": "scram-sha-256",
            "maxOpenConnections": 4,
        },
    }


def test_the_password_is_rotated_right_after_the_connection_exists_and_again_if_it_is_replaced() -> None:
    rotation = _engine(ORDERS).named("db-orders-rotation")
    assert rotation.type == "vault:generic/endpoint:Endpoint"
    assert rotation.parent == "db"
    assert rotation.inputs["path"] == "database-prod/rotate-root/orders"
    assert rotation.depends_on >= {"db-orders-connection"}
    assert rotation.replace_with == ("db-orders-connection",)
    assert rotation.deleted_with == "db-orders-connection"
    # There is nothing to read back and nothing to undo.
    assert (rotation.inputs["disableRead"], rotation.inputs["disableDelete"]) == (True, True)


def test_what_lives_in_a_mount_waits_for_it_and_goes_with_it() -> None:
    def program() -> None:
        engine = VaultDatabaseEngine("db", {"mount": "database-prod", "postgresql": {"orders": ORDERS}})
        options = pulumi.ResourceOptions(deleted_with=engine.mount_resource)
        VaultDatabaseRoles("roles", {"mount": engine.mount, "roles": {"payments.orders-db": ROLE}}, options)

    made = record(program)
    for name in ("db-orders-connection", "roles-payments.orders-db"):
        assert "db-mount" in made.named(name).depends_on
        # Deleting connections and roles first would leave a server that cannot revoke what it issued.
        assert made.named(name).deleted_with == "db-mount"


def test_mount_and_connection_are_protected_and_the_rotation_is_nothing_to_protect() -> None:
    assert {leaf.name for leaf in _engine(ORDERS).leaves if leaf.protect} == {"db-mount", "db-orders-connection"}
    assert not [leaf for leaf in _engine(ORDERS, protect_data=False).leaves if leaf.protect]


def test_an_engine_without_connections_is_a_mount() -> None:
    made = record(lambda: VaultDatabaseEngine("db", {"mount": "database-prod"}))
    assert [leaf.name for leaf in made.leaves] == ["db-mount"]
    assert made.outputs["db"] == {"mount": "database-prod"}


def test_one_more_connection_changes_no_other() -> None:
    def names(*connections: str) -> set[str]:
        args = dict.fromkeys(connections, ORDERS)
        made = record(lambda: VaultDatabaseEngine("db", {"mount": "m", "postgresql": args}))
        return {leaf.urn for leaf in made.leaves}

    assert names("orders", "stock") < names("archive", "stock", "orders")


def test_a_role_has_the_statements_and_lifetimes_that_were_given() -> None:
    made = record(lambda: VaultDatabaseRoles("r", {"mount": "m", "roles": {"payments.orders-db": ROLE}}))
    role = made.named("r-payments.orders-db")
    assert role.type == "vault:database/secretBackendRole:SecretBackendRole"
    assert role.parent == "r"
    assert role.inputs == {
        "name": "payments.orders-db",
        "backend": "m",
        "dbName": "orders",
        "creationStatements": ROLE["creation_statements"],
        "revocationStatements": ROLE["revocation_statements"],
        "defaultTtl": 3600,
        "maxTtl": 86400,
    }


def test_an_unknown_password_in_a_preview_stays_secret_and_unknown() -> None:
    def program() -> None:
        VaultDatabaseEngine("db", {"mount": "m", "postgresql": {"orders": {**ORDERS, "first_password": unknown()}}})

    connection = record(program, preview=True).named("db-orders-connection")
    assert connection.inputs["postgresql"]["password"] == UNKNOWN


LOGIN = {"username": "adm", "allowed_roles": ["payments.a"], "first_password": CANARY}
KINDS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "redshift": ("redshift", {"connection_url": "u"}, {"connectionUrl": "u", "maxOpenConnections": 4}),
    "mysql": (
        "mysql",
        {"connection_url": "u", "tls_ca": "CA"},
        {"connectionUrl": "u", "tlsCa": "CA", "maxOpenConnections": 4},
    ),
    "mysql_aurora": ("mysqlAurora", {"connection_url": "u"}, {"connectionUrl": "u", "maxOpenConnections": 4}),
    "mysql_rds": ("mysqlRds", {"connection_url": "u"}, {"connectionUrl": "u", "maxOpenConnections": 4}),
    "mysql_legacy": ("mysqlLegacy", {"connection_url": "u"}, {"connectionUrl": "u", "maxOpenConnections": 4}),
    "mongodb": ("mongodb", {"connection_url": "u"}, {"connectionUrl": "u", "maxOpenConnections": 4}),
    "elasticsearch": ("elasticsearch", {"url": "https://e"}, {"url": "https://e"}),
    "cassandra": ("cassandra", {"hosts": ["a", "b"]}, {"hosts": ["a", "b"], "tls": True}),
    "redis": ("redis", {"host": "h"}, {"host": "h", "tls": True}),
}
"""By kind: the provider's block, what is given, and what is sent."""


def _made(kind: str, **keys: Any) -> Recording:
    args: Any = {"mount": "m", kind: {"it": {**LOGIN, **keys}}}
    return record(lambda: VaultDatabaseEngine("db", args))


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_of_each_kind_keeps_its_first_password_secret_and_never_sends_it_again(kind: str) -> None:
    block, given, sent = KINDS[kind]
    connection = _made(kind, **given).named("db-it-connection")
    assert connection.inputs == {
        "name": "it",
        "backend": "m",
        "allowedRoles": ["payments.a"],
        "verifyConnection": True,
        block: {"username": "adm", "password": CANARY, **sent},
    }
    assert connection.secrets == {f"{block}.password"}
    assert connection.ignore_changes == (f"{block}.password",)
    assert connection.protect


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_password_of_each_kind_is_rotated_away_unless_the_connection_is_not_verified(kind: str) -> None:
    _, given, _ = KINDS[kind]
    rotation = _made(kind, **given).named("db-it-rotation")
    assert (rotation.inputs["path"], rotation.deleted_with) == ("m/rotate-root/it", "db-it-connection")
    leaves = {leaf.name: leaf for leaf in _made(kind, **given, verify_connection=False).leaves}
    assert leaves.keys() == {"db-mount", "db-it-connection"}
    assert leaves["db-it-connection"].inputs["verifyConnection"] is False


def test_valkey_is_told_its_password_once_then_rotated_then_told_the_rest_without_it() -> None:
    made = _made("valkey", host="h", password_policy="prod.long")
    login, rotation, connection = (made.named(f"db-it-{part}") for part in ("login", "rotation", "connection"))
    assert {leaf.type for leaf in (login, rotation, connection)} == {"vault:generic/endpoint:Endpoint"}
    assert [leaf.inputs["path"] for leaf in (login, rotation, connection)] == [
        "m/config/it",
        "m/rotate-root/it",
        "m/config/it",
    ]
    told = {
        "plugin_name": "valkey-database-plugin",
        "host": "h",
        "tls": True,
        "username": "adm",
        "allowed_roles": ["payments.a"],
        "password_policy": "prod.long",
        "ca_cert": "",
        "verify_connection": True,
    }
    assert json.loads(login.inputs["dataJson"]) == {**told, "password": CANARY}
    assert "dataJson" in login.secrets
    assert login.ignore_changes == ("dataJson",)
    assert json.loads(connection.inputs["dataJson"]) == told
    assert CANARY not in connection.request
    assert rotation.depends_on >= {"db-it-login"}
    assert connection.depends_on >= {"db-it-rotation"}
    # One of the two writes deletes it, once.
    assert [bool(leaf.inputs.get("disableDelete")) for leaf in (login, connection)] == [False, True]


def test_a_login_that_stays_has_what_was_given_and_nothing_else() -> None:
    static: dict[str, Any] = {"connection": "orders", "username": "report", "rotation_period_seconds": 60}
    made = record(lambda: VaultDatabaseRoles("r", {"mount": "m", "static_roles": {"s": static}}))  # type: ignore[typeddict-item]
    role = made.named("r-s")
    assert role.type == "vault:database/secretBackendStaticRole:SecretBackendStaticRole"
    assert role.inputs == {"name": "s", "backend": "m", "dbName": "orders", "username": "report", "rotationPeriod": 60}
    assert role.secrets == frozenset()


def test_a_password_policy_is_its_text_under_its_name() -> None:
    made = record(lambda: VaultPasswordPolicies("p", {"policies": {"prod.long": "length = 32"}}))
    policy = made.named("p-prod.long")
    assert (policy.type, policy.parent) == ("vault:index/passwordPolicy:PasswordPolicy", "p")
    assert policy.inputs == {"name": "prod.long", "policy": "length = 32"}
