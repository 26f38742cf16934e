"""Token roles as a component."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf
from strongroom.vault.token_role.plan import TokenRoleRecord


class VaultTokenRoleArgs(TypedDict):
    """What tokens may be like that are made with one role. Something must be allowed."""

    allowed_policies: NotRequired[list[str]]
    """The policies that a token may be given; a token that asks for none gets all of them."""
    allowed_policies_glob: NotRequired[list[str]]
    """The same, with a final `*` for any ending."""
    disallowed_policies: NotRequired[list[str]]
    """Policies that a token is never given."""
    disallowed_policies_glob: NotRequired[list[str]]
    """The same, with a final `*` for any ending."""
    type: NotRequired[str]
    """`service` or `batch`. Default `service`."""
    orphan: NotRequired[bool]
    """Whether a token outlives its maker's. Default false."""
    renewable: NotRequired[bool]
    """Whether a token can be renewed. Default true."""
    period_seconds: NotRequired[int]
    """Makes tokens that live for as long as they are renewed within this time."""
    explicit_max_ttl_seconds: NotRequired[int]
    """How long a token lives at most."""
    bound_cidrs: NotRequired[list[str]]
    """The networks a token may be used from. Default: any."""
    num_uses: NotRequired[int]
    """How often a token can be used. Default: as often as one likes."""


class VaultTokenRolesArgs(TypedDict):
    """Token roles."""

    roles: dict[str, VaultTokenRoleArgs]
    """The roles by name; names are global to a server (or namespace)."""


class VaultTokenRoles(pulumi.ComponentResource):
    """Token roles. Tokens are never made here: they would stay in the state."""

    def __init__(self, name: str, args: VaultTokenRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultTokenRoles", name, None, opts)
        for role, role_args in args["roles"].items():
            if not role_args.get("allowed_policies") and not role_args.get("allowed_policies_glob"):
                raise ValueError(f"{name}: role {role} allows no policies, so that its maker's would all be allowed")
            vault.tokenauth.AuthBackendRole(
                f"{name}-{role}",
                role_name=role,
                allowed_policies=role_args.get("allowed_policies"),
                allowed_policies_globs=role_args.get("allowed_policies_glob"),
                disallowed_policies=role_args.get("disallowed_policies"),
                disallowed_policies_globs=role_args.get("disallowed_policies_glob"),
                token_type=role_args.get("type", "service"),
                orphan=role_args.get("orphan", False),
                renewable=role_args.get("renewable", True),
                token_period=role_args.get("period_seconds"),
                token_explicit_max_ttl=role_args.get("explicit_max_ttl_seconds"),
                token_bound_cidrs=role_args.get("bound_cidrs"),
                token_num_uses=role_args.get("num_uses"),
                token_no_default_policy=True,
                opts=leaf(self),
            )
        self.register_outputs({})


def deploy(plan: Plan, stage: Stage) -> None:
    """The token roles of a plan."""
    roles = {record.name: _args(record) for record in plan.of(TokenRoleRecord)}
    VaultTokenRoles("token-roles", {"roles": roles}, component_options(stage, after=stage.policies))


def _args(record: TokenRoleRecord) -> VaultTokenRoleArgs:
    args: VaultTokenRoleArgs = {"type": record.type, "orphan": record.orphan, "renewable": record.renewable}
    given: dict[str, Any] = {
        "allowed_policies": list(record.allowed_policies),
        "allowed_policies_glob": list(record.allowed_policies_glob),
        "disallowed_policies": list(record.disallowed_policies),
        "disallowed_policies_glob": list(record.disallowed_policies_glob),
        "period_seconds": record.period_seconds,
        "explicit_max_ttl_seconds": record.explicit_max_ttl_seconds,
        "bound_cidrs": list(record.bound_cidrs),
        "num_uses": record.num_uses,
    }
    return {**args, **{key: value for key, value in given.items() if value}}  # type: ignore[typeddict-item]
