"""Userpass auth as components: the auth method with its limits, and what its users may do."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf
from strongroom.vault.auth.deployment import accessor
from strongroom.vault.auth.userpass.plan import UserpassMethod, UserpassUser


class VaultUserpassAuthArgs(TypedDict):
    """A userpass auth method."""

    mount: pulumi.Input[str]
    """Mount path below `auth/`, such as `bootstrap-prod`."""
    token_ttl_seconds: int
    """Lifetime of every token of this method unless renewed."""
    token_max_ttl_seconds: int
    """Lifetime at most, whatever a user's entry says."""
    description: NotRequired[pulumi.Input[str]]
    """For people."""
    protect_data: NotRequired[bool]
    """Whether it is protected: deleting it deletes all users and their passwords. Default true."""


class VaultUserpassAuth(pulumi.ComponentResource):
    """A userpass auth method. Users are never made here: their passwords would stay in the state."""

    mount: pulumi.Output[str]
    """The mount path below `auth/`."""
    accessor: pulumi.Output[str]
    """The mount's accessor, by which its users are told from those of other methods."""

    def __init__(self, name: str, args: VaultUserpassAuthArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultUserpassAuth", name, None, opts)
        method = vault.AuthBackend(
            f"{name}-method",
            type="userpass",
            path=args["mount"],
            description=args.get("description", "names and passwords, for bootstrapping"),
            tune={
                "default_lease_ttl": f"{args['token_ttl_seconds']}s",
                "max_lease_ttl": f"{args['token_max_ttl_seconds']}s",
            },
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        self.mount_resource = method
        self.mount, self.accessor = method.path, method.accessor
        self.register_outputs({"mount": self.mount, "accessor": self.accessor})


class VaultUserpassUserArgs(TypedDict):
    """What a user may do."""

    username: pulumi.Input[str]
    """The name that the user logs in with, in lower case as the server keeps it."""
    policies: pulumi.Input[list[str]]
    """The policies of whoever logs in with it."""


class VaultUserpassUsersArgs(TypedDict):
    """Users of one auth method."""

    accessor: pulumi.Input[str]
    """The auth method's accessor."""
    users: dict[str, VaultUserpassUserArgs]
    """The users by name of their identity entity; those are global to a server."""


class VaultUserpassUsers(pulumi.ComponentResource):
    """What users may do, as identity entities. Whether a user exists, and the password, is set on the server."""

    def __init__(self, name: str, args: VaultUserpassUsersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultUserpassUsers", name, None, opts)
        for entity_name, user in args["users"].items():
            entity = vault.identity.Entity(
                f"{name}-{entity_name}", name=entity_name, policies=user["policies"], opts=leaf(self)
            )
            vault.identity.EntityAlias(
                f"{name}-{entity_name}-alias",
                name=user["username"],
                mount_accessor=args["accessor"],
                canonical_id=entity.id,
                opts=leaf(self, deleted_with=entity),
            )
        self.register_outputs({})


def deploy_methods(plan: Plan, stage: Stage) -> None:
    """The userpass methods of a plan."""
    for record in plan.of(UserpassMethod):
        method = VaultUserpassAuth(
            f"auth-{record.mount}",
            {
                "mount": record.mount,
                "token_ttl_seconds": record.token_ttl_seconds,
                "token_max_ttl_seconds": record.token_max_ttl_seconds,
                "protect_data": record.protect,
            },
            component_options(stage),
        )
        stage.mounted(f"auth/{record.mount}", method)


def deploy(plan: Plan, stage: Stage) -> None:
    """Their users."""
    for mount, users in plan.grouped(UserpassUser, lambda user: user.mount):
        VaultUserpassUsers(
            f"auth-{mount}-users",
            {
                "accessor": accessor(stage, mount),
                "users": {u.name: {"username": u.username, "policies": list(u.policies)} for u in users},
            },
            component_options(stage, after=stage.policies),
        )
