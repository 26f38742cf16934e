"""The database secrets engine as components: the engine with its connections, and the roles of one team."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf, leaf_within
from strongroom.vault.database.plan import DatabaseConnection, DatabaseMount, DatabaseRole


class VaultPostgresqlConnectionArgs(TypedDict):
    """How the server reaches one PostgreSQL database."""

    connection_url: pulumi.Input[str]
    """With `{{username}}` and `{{password}}` in the place of both."""
    username: pulumi.Input[str]
    """The role that makes and drops the short-lived roles."""
    first_password: NotRequired[pulumi.Input[str]]
    """Its password until the first `up`, which rotates it away. May be absent afterwards."""
    allowed_roles: pulumi.Input[list[str]]
    """The roles that may use this connection, by exact name."""
    max_open_connections: NotRequired[pulumi.Input[int]]
    """Default 4."""


class VaultDatabaseEngineArgs(TypedDict):
    """A mount and its connections."""

    mount: pulumi.Input[str]
    """Mount path, such as `database-prod`."""
    postgresql: NotRequired[dict[str, VaultPostgresqlConnectionArgs]]
    """PostgreSQL connections by name."""
    protect_data: NotRequired[bool]
    """Whether mount and connections are protected: without them no lease can be revoked. Default true."""


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
        for connection, connection_args in args.get("postgresql", {}).items():
            self._connection(f"{name}-{connection}", connection, mount, connection_args, protect)
        self.mount_resource, self.mount = mount, mount.path
        self.register_outputs({"mount": self.mount})

    def _connection(
        self,
        resource_name: str,
        name: str,
        mount: vault.Mount,
        args: VaultPostgresqlConnectionArgs,
        protect: bool,
    ) -> None:
        postgresql: vault.database.SecretBackendConnectionPostgresqlArgsDict = {
            "connection_url": args["connection_url"],
            "username": args["username"],
            # The server hashes before it sends, so that no password stands in the database's own log.
            "password_authentication": "scram-sha-256",
            "max_open_connections": args.get("max_open_connections", 4),
        }
        if password := args.get("first_password"):  # absent is not the same as null, which would be sent
            postgresql["password"] = pulumi.Output.secret(password)
        connection = vault.database.SecretBackendConnection(
            f"{resource_name}-connection",
            name=name,
            backend=mount.path,
            allowed_roles=args["allowed_roles"],
            verify_connection=True,
            postgresql=postgresql,
            # After the rotation the server alone knows the password; the one we had must never be sent again.
            opts=leaf(self, protect=protect, ignore_changes=["postgresql.password"], deleted_with=mount),
        )
        vault.generic.Endpoint(
            f"{resource_name}-rotation",
            path=pulumi.Output.concat(mount.path, "/rotate-root/", name),
            data_json="{}",
            disable_read=True,
            disable_delete=True,
            opts=leaf(
                self,
                depends_on=[connection],
                deleted_with=connection,
                replace_with=[connection],
                # A mount made anew, such as after a loss of the server's data, starts with a first password again.
                # (3.259 ignores a trigger that holds a secret, so another first password alone cannot be one.)
                replacement_trigger=mount.accessor,
            ),
        )


class VaultDatabaseRoleArgs(TypedDict):
    """What credentials of one role may do, and for how long."""

    connection: pulumi.Input[str]
    """The connection's name in the engine."""
    creation_statements: pulumi.Input[list[str]]
    """SQL that makes the role, one statement an item."""
    revocation_statements: pulumi.Input[list[str]]
    """SQL that removes it."""
    renew_statements: NotRequired[pulumi.Input[list[str]]]
    """SQL that moves its expiry."""
    default_ttl_seconds: pulumi.Input[int]
    """Lifetime unless renewed."""
    max_ttl_seconds: pulumi.Input[int]
    """Lifetime at most."""


class VaultDatabaseRolesArgs(TypedDict):
    """Roles of one engine."""

    mount: pulumi.Input[str]
    """The engine's mount path."""
    roles: dict[str, VaultDatabaseRoleArgs]
    """The roles by name."""


class VaultDatabaseRoles(pulumi.ComponentResource):
    """Database roles that belong together, such as all of one team."""

    def __init__(self, name: str, args: VaultDatabaseRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultDatabaseRoles", name, None, opts)
        for role, role_args in args["roles"].items():
            vault.database.SecretBackendRole(
                f"{name}-{role}",
                name=role,
                backend=args["mount"],
                db_name=role_args["connection"],
                creation_statements=role_args["creation_statements"],
                revocation_statements=role_args["revocation_statements"],
                renew_statements=role_args.get("renew_statements"),
                default_ttl=role_args["default_ttl_seconds"],
                max_ttl=role_args["max_ttl_seconds"],
                opts=leaf_within(self, opts),
            )
        self.register_outputs({})


def deploy(plan: Plan, stage: Stage) -> None:
    """The database engine of a plan and its roles."""
    for record in plan.of(DatabaseMount):
        engine = VaultDatabaseEngine(
            record.mount,
            {
                "mount": record.mount,
                "postgresql": {
                    c.name: _connection_args(c, stage) for c in plan.of(DatabaseConnection) if c.mount == record.mount
                },
                "protect_data": record.protect,
            },
            component_options(stage),
        )
        stage.mounted(record.mount, engine)
    for mount, roles in plan.grouped(DatabaseRole, lambda role: role.mount):
        VaultDatabaseRoles(
            f"{mount}-roles",
            {"mount": stage.mount(mount), "roles": {role.name: _role_args(role) for role in roles}},
            component_options(stage, within=mount),
        )


def _connection_args(record: DatabaseConnection, stage: Stage) -> VaultPostgresqlConnectionArgs:
    args: VaultPostgresqlConnectionArgs = {
        "connection_url": record.connection_url,
        "username": record.username,
        "allowed_roles": list(record.allowed_roles),
        "max_open_connections": record.max_open_connections,
    }
    password = stage.secret(*record.first_password_from)
    return args if password is None else {**args, "first_password": password}


def _role_args(record: DatabaseRole) -> VaultDatabaseRoleArgs:
    return {
        "connection": record.connection,
        "creation_statements": list(record.creation_statements),
        "revocation_statements": list(record.revocation_statements),
        "renew_statements": list(record.renew_statements),
        "default_ttl_seconds": record.default_ttl_seconds,
        "max_ttl_seconds": record.max_ttl_seconds,
    }
