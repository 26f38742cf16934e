"""Roles of a database engine as a component: short-lived logins, and such as stay."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.stage import leaf_within


class VaultDatabaseRoleArgs(TypedDict):
    """What credentials of one role may do, and for how long."""

    connection: pulumi.Input[str]
    """The connection's name in the engine."""
    creation_statements: pulumi.Input[list[str]]
    """What makes the login, one statement an item."""
    revocation_statements: pulumi.Input[list[str]]
    """What removes it. Empty: the plugin's own way."""
    renew_statements: NotRequired[pulumi.Input[list[str]]]
    """What moves its expiry."""
    default_ttl_seconds: pulumi.Input[int]
    """Lifetime unless renewed."""
    max_ttl_seconds: pulumi.Input[int]
    """Lifetime at most."""


class VaultDatabaseStaticRoleArgs(TypedDict):
    """A login that stays, and when its password changes: after a period or by a schedule."""

    connection: pulumi.Input[str]
    """The connection's name in the engine."""
    username: pulumi.Input[str]
    """The login in the database. Its password changes as soon as this is made."""
    rotation_period_seconds: NotRequired[pulumi.Input[int]]
    """How long a password is valid."""
    rotation_schedule: NotRequired[pulumi.Input[str]]
    """Or when it changes, as in cron, UTC."""
    rotation_window_seconds: NotRequired[pulumi.Input[int]]
    """How long after a scheduled time a change may still begin."""
    rotation_statements: NotRequired[pulumi.Input[list[str]]]
    """What changes it. Default: the plugin's own way."""


class VaultDatabaseRolesArgs(TypedDict):
    """Roles of one engine."""

    mount: pulumi.Input[str]
    """The engine's mount path."""
    roles: NotRequired[dict[str, VaultDatabaseRoleArgs]]
    """The roles by name."""
    static_roles: NotRequired[dict[str, VaultDatabaseStaticRoleArgs]]
    """The static roles by name."""


class VaultDatabaseRoles(pulumi.ComponentResource):
    """Database roles that belong together, such as all of one team."""

    def __init__(self, name: str, args: VaultDatabaseRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultDatabaseRoles", name, None, opts)
        for role, role_args in args.get("roles", {}).items():
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
        for role, static_args in args.get("static_roles", {}).items():
            vault.database.SecretBackendStaticRole(
                f"{name}-{role}",
                name=role,
                backend=args["mount"],
                db_name=static_args["connection"],
                username=static_args["username"],
                rotation_period=static_args.get("rotation_period_seconds"),
                rotation_schedule=static_args.get("rotation_schedule"),
                rotation_window=static_args.get("rotation_window_seconds"),
                rotation_statements=static_args.get("rotation_statements"),
                opts=leaf_within(self, opts),
            )
        self.register_outputs({})
