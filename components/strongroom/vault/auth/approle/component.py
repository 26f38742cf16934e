"""AppRole as components: the auth method, and the roles of one team."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf, leaf_within
from strongroom.vault.auth.approle.plan import AppRoleMethod, AppRoleRole
from strongroom.vault.auth.deployment import deploy_roles, token_inputs


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

    role_ids: pulumi.Output[dict[str, str]]
    """The id that the server draws for each role. It is no secret: whoever logs in needs a secret id as well."""

    def __init__(self, name: str, args: VaultAppRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultAppRoles", name, None, opts)
        role_ids: dict[str, pulumi.Output[str]] = {}
        for role, role_args in args["roles"].items():
            made = vault.approle.AuthBackendRole(
                f"{name}-{role}",
                backend=args["mount"],
                role_name=role,
                bind_secret_id=True,
                secret_id_ttl=role_args.get("secret_id_ttl_seconds", 900),
                secret_id_num_uses=role_args.get("secret_id_uses", 1),
                secret_id_bound_cidrs=role_args.get("bound_cidrs"),
                token_bound_cidrs=role_args.get("bound_cidrs"),
                **token_inputs(role_args),
                opts=leaf_within(self, opts),
            )
            role_ids[role] = made.role_id
        self.role_ids = pulumi.Output.all(**role_ids)
        self.register_outputs({"role_ids": self.role_ids})


def deploy_methods(plan: Plan, stage: Stage) -> None:
    """The AppRole methods of a plan."""
    for record in plan.of(AppRoleMethod):
        method = VaultAppRoleAuth(
            f"auth-{record.mount}",
            {"mount": record.mount, "protect_data": record.protect},
            component_options(stage),
        )
        stage.mounted(f"auth/{record.mount}", method)


def deploy(plan: Plan, stage: Stage) -> None:
    """Their roles."""
    deploy_roles(plan, stage, AppRoleRole, VaultAppRoles, _role_args)


def _role_args(record: AppRoleRole) -> dict[str, Any]:
    args = {"secret_id_ttl_seconds": record.secret_id_ttl_seconds, "secret_id_uses": record.secret_id_uses}
    return {**args, "bound_cidrs": list(record.bound_cidrs)} if record.bound_cidrs else args
