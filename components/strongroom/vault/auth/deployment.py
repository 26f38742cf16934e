"""What the components of all auth methods share: tokens of roles, the order of things, and accessors."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar, runtime_checkable

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options
from strongroom.vault.auth.login_role import LoginRole

R = TypeVar("R", bound=LoginRole)
T = TypeVar("T")


@runtime_checkable
class HasRoleIds(Protocol):
    """A component of roles for which the server draws ids."""

    role_ids: pulumi.Output[dict[str, str]]
    """The ids by name of the role."""


def token_inputs(role: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs by which a role says what its tokens may do and how long they live."""
    return {
        "token_policies": role["policies"],
        # The server's `default` policy grants more than any workload needs.
        "token_no_default_policy": True,
        "token_ttl": role["token_ttl_seconds"],
        "token_max_ttl": role["token_max_ttl_seconds"],
    }


def token_args(record: LoginRole) -> dict[str, Any]:
    """The same as arguments of a component."""
    return {
        "policies": list(record.policies),
        "token_ttl_seconds": record.token_ttl_seconds,
        "token_max_ttl_seconds": record.token_max_ttl_seconds,
    }


def deploy_roles(
    plan: Plan,
    stage: Stage,
    kind: type[R],
    component: Callable[[str, Any, pulumi.ResourceOptions], pulumi.ComponentResource],
    args: Callable[[R], Mapping[str, Any]],
) -> None:
    """One component for the roles of each auth method. `args` says what is particular to a role of this kind."""
    for mount, roles in plan.grouped(kind, lambda role: role.mount):
        made = component(
            f"auth-{mount}-roles",
            {
                "mount": stage.auth_mount(mount),
                "roles": {role.name: {**token_args(role), **args(role)} for role in roles},
            },
            component_options(stage, after=stage.policies, within=f"auth/{mount}"),
        )
        stage.rights.append(made)
        if isinstance(made, HasRoleIds):
            stage.role_ids[mount] = made.role_ids


def accessor(stage: Stage, mount: str) -> pulumi.Output[str]:
    """The accessor of an auth method; where another slice made the method, the server is asked for it."""
    made = stage.containers.get(f"auth/{mount}")
    if isinstance(made, vault.AuthBackend | vault.jwt.AuthBackend):
        return made.accessor
    if mount not in stage.accessors:
        stage.accessors[mount] = vault.AuthBackend.get(f"auth-{mount}-elsewhere", mount).accessor
    return stage.accessors[mount]


def filled(stage: Stage, mounts: Iterable[str], fill: Callable[[Callable[[str], str]], T]) -> pulumi.Output[T]:
    """What `fill` makes of the accessors of auth methods, which it is given as a function of the mount."""
    accessors = pulumi.Output.all(**{mount: accessor(stage, mount) for mount in mounts})
    return accessors.apply(lambda known: fill(known.__getitem__))
