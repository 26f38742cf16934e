"""The database secrets engine as components: the engine with its connections, and the roles of one team."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict, cast

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf
from strongroom.vault.database.connection_args import (
    VaultCassandraConnectionArgs,
    VaultElasticsearchConnectionArgs,
    VaultMongodbConnectionArgs,
    VaultMysqlConnectionArgs,
    VaultPostgresqlConnectionArgs,
    VaultRedisConnectionArgs,
    VaultRedshiftConnectionArgs,
)
from strongroom.vault.database.connections import connect
from strongroom.vault.database.plan import DatabaseConnection, DatabaseMount, DatabaseRole
from strongroom.vault.database.roles import (
    VaultDatabaseRoleArgs,
    VaultDatabaseRoles,
    VaultDatabaseStaticRoleArgs,
)
from strongroom.vault.database.static_roles import DatabaseStaticRole


class VaultDatabaseEngineArgs(TypedDict):
    """A mount and its connections, by kind and name. Names are unique among all kinds."""

    mount: pulumi.Input[str]
    """Mount path, such as `database-prod`."""
    postgresql: NotRequired[dict[str, VaultPostgresqlConnectionArgs]]
    """PostgreSQL connections."""
    mysql: NotRequired[dict[str, VaultMysqlConnectionArgs]]
    """MySQL and MariaDB connections."""
    mysql_aurora: NotRequired[dict[str, VaultMysqlConnectionArgs]]
    """MySQL as Amazon Aurora."""
    mysql_rds: NotRequired[dict[str, VaultMysqlConnectionArgs]]
    """MySQL as Amazon RDS."""
    mysql_legacy: NotRequired[dict[str, VaultMysqlConnectionArgs]]
    """MySQL before 5.7.8."""
    mongodb: NotRequired[dict[str, VaultMongodbConnectionArgs]]
    """MongoDB connections. Vault only."""
    redshift: NotRequired[dict[str, VaultRedshiftConnectionArgs]]
    """Redshift connections. Vault only."""
    elasticsearch: NotRequired[dict[str, VaultElasticsearchConnectionArgs]]
    """Elasticsearch connections. Vault only."""
    cassandra: NotRequired[dict[str, VaultCassandraConnectionArgs]]
    """Cassandra connections."""
    redis: NotRequired[dict[str, VaultRedisConnectionArgs]]
    """Redis connections."""
    valkey: NotRequired[dict[str, VaultRedisConnectionArgs]]
    """Valkey connections. OpenBao only."""
    protect_data: NotRequired[bool]
    """Whether mount and connections are protected: without them no lease can be revoked. Default true."""


KINDS: Final = tuple(VaultDatabaseEngineArgs.__annotations__.keys() - {"mount", "protect_data"})


class VaultDatabaseEngine(pulumi.ComponentResource):
    """A database secrets engine. Each connection's first password is rotated away as soon as it has been used once."""

    mount: pulumi.Output[str]
    """The mount path, known once the engine is mounted."""

    def __init__(self, name: str, args: VaultDatabaseEngineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultDatabaseEngine", name, None, opts)
        protect = args.get("protect_data", True)
        mount = vault.Mount(
            f"{name}-mount",
            path=args["mount"],
            type="database",
            description="credentials made on demand",
            opts=leaf(self, protect=protect),
        )
        connections = cast("Mapping[str, Any]", args)
        for kind in sorted(KINDS):
            for connection, connection_args in connections.get(kind, {}).items():
                connect(self, f"{name}-{connection}", connection, kind, mount, connection_args, protect=protect)
        self.mount_resource, self.mount = mount, mount.path
        self.register_outputs({"mount": self.mount})


def deploy(plan: Plan, stage: Stage) -> None:
    """The database engine of a plan and its roles."""
    for record in plan.of(DatabaseMount):
        args: dict[str, Any] = {"mount": record.mount, "protect_data": record.protect}
        for connection in plan.of(DatabaseConnection):
            if connection.mount == record.mount:
                kind = connection.block or "valkey"
                args.setdefault(kind, {})[connection.name] = _connection_args(connection, stage)
        engine = VaultDatabaseEngine(
            record.mount,
            cast("VaultDatabaseEngineArgs", args),
            component_options(stage, after=stage.password_policies),
        )
        stage.mounted(record.mount, engine)
    static = dict(plan.grouped(DatabaseStaticRole, lambda role: role.mount))
    dynamic = dict(plan.grouped(DatabaseRole, lambda role: role.mount))
    for mount in dict.fromkeys([*dynamic, *static]):
        VaultDatabaseRoles(
            f"{mount}-roles",
            {
                "mount": stage.mount(mount),
                "roles": {role.name: _role_args(role) for role in dynamic.get(mount, [])},
                "static_roles": {role.name: _static_role_args(role) for role in static.get(mount, [])},
            },
            component_options(stage, within=mount),
        )


def _connection_args(record: DatabaseConnection, stage: Stage) -> dict[str, Any]:
    settings = {name: list(value) if isinstance(value, tuple) else value for name, value in record.settings}
    optional = {
        "password_policy": record.password_policy,
        "first_password": stage.secret(*record.first_password_from),
    }
    return {
        **settings,
        "username": record.username,
        "allowed_roles": list(record.allowed_roles),
        "verify_connection": record.verify_connection,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _role_args(record: DatabaseRole) -> VaultDatabaseRoleArgs:
    return {
        "connection": record.connection,
        "creation_statements": list(record.creation_statements),
        "revocation_statements": list(record.revocation_statements),
        "renew_statements": list(record.renew_statements),
        "default_ttl_seconds": record.default_ttl_seconds,
        "max_ttl_seconds": record.max_ttl_seconds,
    }


def _static_role_args(record: DatabaseStaticRole) -> VaultDatabaseStaticRoleArgs:
    args: VaultDatabaseStaticRoleArgs = {"connection": record.connection, "username": record.username}
    if record.rotation_period_seconds is not None:
        args["rotation_period_seconds"] = record.rotation_period_seconds
    if record.rotation_schedule is not None:
        args["rotation_schedule"] = record.rotation_schedule
    if record.rotation_window_seconds is not None:
        args["rotation_window_seconds"] = record.rotation_window_seconds
    if record.rotation_statements:
        args["rotation_statements"] = list(record.rotation_statements)
    return args
