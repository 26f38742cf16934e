"""The roles of the AWS secrets engine as a component."""

from typing import Any, NotRequired, TypedDict, cast

import pulumi
import pulumi_vault as vault

from strongroom.stage import leaf_within
from strongroom.vault.aws.plan import AwsCredentialRole, AwsStaticRole


class VaultAwsRoleArgs(TypedDict):
    """What credentials of one role may do, and for how long."""

    credential_type: pulumi.Input[str]
    """`assumed_role`, `federation_token` or `iam_user`."""
    role_arns: NotRequired[list[str]]
    """Of `assumed_role`: the IAM role; of several, a request names one."""
    external_id: NotRequired[pulumi.Input[str]]
    """Of `assumed_role`: what the trust policy demands."""
    session_tags: NotRequired[pulumi.Input[dict[str, str]]]
    """Of `assumed_role`: tags of the session."""
    policy_document: NotRequired[pulumi.Input[str]]
    """An IAM policy as JSON: what a user may do, or what is left of the rights that a session comes from."""
    policy_arns: NotRequired[list[str]]
    """Managed policies, in the same sense."""
    iam_groups: NotRequired[list[str]]
    """Of `iam_user`: the groups it is in."""
    permissions_boundary_arn: NotRequired[pulumi.Input[str]]
    """Of `iam_user`, which must have it: the most that it may do."""
    user_path: NotRequired[pulumi.Input[str]]
    """Of `iam_user`: its path. Default `/`."""
    iam_tags: NotRequired[pulumi.Input[dict[str, str]]]
    """Of `iam_user`: its tags."""
    default_sts_ttl_seconds: NotRequired[pulumi.Input[int]]
    """Of sessions: lifetime unless the request names one."""
    max_sts_ttl_seconds: NotRequired[pulumi.Input[int]]
    """Of sessions: lifetime at most."""


class VaultAwsStaticRoleArgs(TypedDict):
    """An IAM user that stays, whose key the server changes."""

    username: pulumi.Input[str]
    """The IAM user."""
    rotation_period_seconds: pulumi.Input[int]
    """How often its key changes."""


class VaultAwsRolesArgs(TypedDict):
    """Roles of one engine."""

    mount: pulumi.Input[str]
    """The engine's mount path."""
    roles: dict[str, VaultAwsRoleArgs]
    """The roles by name."""
    static_roles: NotRequired[dict[str, VaultAwsStaticRoleArgs]]
    """The static roles by name."""


class VaultAwsRoles(pulumi.ComponentResource):
    """Roles that belong together, such as all of one team. No user is without a permissions boundary."""

    def __init__(self, name: str, args: VaultAwsRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultAwsRoles", name, None, opts)
        for role, role_args in args["roles"].items():
            if role_args["credential_type"] == "iam_user" and not role_args.get("permissions_boundary_arn"):
                raise ValueError(f"{name}: role {role} makes IAM users without a permissions boundary")
            vault.aws.SecretBackendRole(
                f"{name}-{role}",
                name=role,
                backend=args["mount"],
                credential_type=role_args["credential_type"],
                role_arns=role_args.get("role_arns"),
                external_id=role_args.get("external_id"),
                session_tags=role_args.get("session_tags"),
                policy_document=role_args.get("policy_document"),
                policy_arns=role_args.get("policy_arns"),
                iam_groups=role_args.get("iam_groups"),
                permissions_boundary_arn=role_args.get("permissions_boundary_arn"),
                user_path=role_args.get("user_path"),
                iam_tags=role_args.get("iam_tags"),
                default_sts_ttl=role_args.get("default_sts_ttl_seconds"),
                max_sts_ttl=role_args.get("max_sts_ttl_seconds"),
                # Of another kind it is another role: the server keeps what the new kind must not have.
                opts=leaf_within(self, opts, replace_on_changes=["credentialType"], delete_before_replace=True),
            )
        for role, static_args in args.get("static_roles", {}).items():
            vault.aws.SecretBackendStaticRole(
                f"{name}-{role}-static",
                name=role,
                backend=args["mount"],
                username=static_args["username"],
                rotation_period=static_args["rotation_period_seconds"],
                opts=leaf_within(self, opts),
            )
        self.register_outputs({})


def static_role_args(record: AwsStaticRole) -> VaultAwsStaticRoleArgs:
    """A planned static role as arguments of the component."""
    return {"username": record.username, "rotation_period_seconds": record.rotation_period_seconds}


def role_args(record: AwsCredentialRole) -> VaultAwsRoleArgs:
    """A planned role as arguments of the component."""
    args: dict[str, Any] = {
        "credential_type": record.credential_type,
        "role_arns": list(record.role_arns),
        "external_id": record.external_id,
        "session_tags": dict(record.session_tags),
        "policy_document": record.policy_document,
        "policy_arns": list(record.policy_arns),
        "iam_groups": list(record.iam_groups),
        "permissions_boundary_arn": record.permissions_boundary_arn,
        "user_path": record.user_path,
        "iam_tags": dict(record.iam_tags),
        "default_sts_ttl_seconds": record.default_sts_ttl_seconds,
        "max_sts_ttl_seconds": record.max_sts_ttl_seconds,
    }
    return cast("VaultAwsRoleArgs", {name: value for name, value in args.items() if value})
