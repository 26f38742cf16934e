"""AppRole as components: the auth method, and the roles of one team."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf, leaf_within
from strongroom.vault.auth.approle.plan import AppRoleMethod, AppRoleRole


class VaultAppRoleAuthArgs(TypedDict):
    """An AppRole auth method."""

    mount: pulumi.Input[str]
    """Mount path below `auth/`, such as `machines-prod`."""
    description: NotRequired[pulumi.Input[str]]
    """For people."""
    protect_data: NotRequired[bool]
    """Whether it is protected: deleting it ends every login made through it. Default true."""


class VaultAppRoleAuth(pulumi.ComponentResource):
    """An AppRole auth method. Secret ids are never made here: they would stay in the state."""

    mount: pulumi.Output[str]
    """The mount path below `auth/`."""

    def __init__(self, name: str, args: VaultAppRoleAuthArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultAppRoleAuth", name, None, opts)
        method = vault.AuthBackend(
            f"{name}-method",
            type="approle",
            path=args["mount"],
            description=args.get("description", "workloads without a platform identity"),
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        self.mount_resource = method
        self.mount = method.path
        self.register_outputs({"mount": self.mount})


class VaultAppRoleArgs(TypedDict):
    """How one workload logs in."""

    policies: pulumi.Input[list[str]]
    """The policies its token carries; the server's `default` is not among them unless named."""
    token_ttl_seconds: pulumi.Input[int]
    """Lifetime of a token unless renewed."""
    token_max_ttl_seconds: pulumi.Input[int]
    """Lifetime at most."""
    secret_id_ttl_seconds: NotRequired[pulumi.Input[int]]
    """How long a secret id may wait to be used. Default 900."""
    secret_id_uses: NotRequired[pulumi.Input[int]]
    """How often a secret id may log in. Default 1."""
    bound_cidrs: NotRequired[pulumi.Input[list[str]]]
    """The networks that secret ids and tokens may be used from. Default: any."""


class VaultAppRolesArgs(TypedDict):
    """Roles of one auth method."""

    mount: pulumi.Input[str]
    """The auth method's mount path."""
    roles: dict[str, VaultAppRoleArgs]
    """The roles by name."""


class VaultAppRoles(pulumi.ComponentResource):
    """AppRole roles that belong together, such as all of one team."""

    def __init__(self, name: str, args: VaultAppRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultAppRoles", name, None, opts)
        for role, role_args in args["roles"].items():
            vault.approle.AuthBackendRole(
                f"{name}-{role}",
                backend=args["mount"],
                role_name=role,
                bind_secret_id=True,
                secret_id_ttl=role_args.get("secret_id_ttl_seconds", 900),
                secret_id_num_uses=role_args.get("secret_id_uses", 1),
                secret_id_bound_cidrs=role_args.get("bound_cidrs"),
                token_bound_cidrs=role_args.get("bound_cidrs"),
                token_policies=role_args["policies"],
                token_no_default_policy=True,
                token_ttl=role_args["token_ttl_seconds"],
                token_max_ttl=role_args["token_max_ttl_seconds"],
                opts=leaf_within(self, opts),
            )
        self.register_outputs({})


def deploy(plan: Plan, stage: Stage) -> None:
    """The AppRole methods of a plan and their roles."""
    for record in plan.of(AppRoleMethod):
        method = VaultAppRoleAuth(
            f"auth-{record.mount}",
            {"mount": record.mount, "protect_data": record.protect},
            component_options(stage),
        )
        stage.mounted(f"auth/{record.mount}", method)
    for mount, roles in plan.grouped(AppRoleRole, lambda role: role.mount):
        VaultAppRoles(
            f"auth-{mount}-roles",
            {"mount": stage.auth_mount(mount), "roles": {role.name: _role_args(role) for role in roles}},
            component_options(stage, after=stage.policies, within=f"auth/{mount}"),
        )


def _role_args(record: AppRoleRole) -> VaultAppRoleArgs:
    args: VaultAppRoleArgs = {
        "policies": list(record.policies),
        "token_ttl_seconds": record.token_ttl_seconds,
        "token_max_ttl_seconds": record.token_max_ttl_seconds,
        "secret_id_ttl_seconds": record.secret_id_ttl_seconds,
        "secret_id_uses": record.secret_id_uses,
    }
    return {**args, "bound_cidrs": list(record.bound_cidrs)} if record.bound_cidrs else args
