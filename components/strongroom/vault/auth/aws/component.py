"""AWS auth as components: the auth method, and its roles."""

from typing import Any, NotRequired, TypedDict, cast

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf, leaf_within
from strongroom.vault.auth.aws.plan import AwsAuthMethod, AwsAuthRole
from strongroom.vault.auth.deployment import deploy_roles, token_inputs
from strongroom.vault.aws.first_key import AwsFirstKeyArgs, give_first_key, resolved_first_key
from strongroom.vault.rotation import rotate_away


class VaultAwsAuthArgs(TypedDict):
    """An AWS auth method for IAM roles and users."""

    mount: pulumi.Input[str]
    """Mount path below `auth/`, such as `aws-prod`."""
    iam_server_id_header_value: pulumi.Input[str]
    """What the header `X-Vault-AWS-IAM-Server-ID` of a signed request must say."""
    sts_endpoint: pulumi.Input[str]
    """The URL of the STS that is asked who signed a request."""
    sts_region: pulumi.Input[str]
    """Its region."""
    iam_endpoint: NotRequired[pulumi.Input[str]]
    """IAM's URL. Default: AWS's own."""
    first_key: NotRequired[AwsFirstKeyArgs]
    """An access key of an IAM user of the server's own, rotated away by the first `up`."""
    role_arn: NotRequired[pulumi.Input[str]]
    """The role that AWS gives the server for a token that it signs itself (Vault Enterprise)."""
    identity_token_audience: NotRequired[pulumi.Input[str]]
    """The `aud` of that token."""
    identity_token_ttl: NotRequired[pulumi.Input[int]]
    """Its lifetime in seconds."""
    protect_data: NotRequired[bool]
    """Whether it is protected: deleting it ends every login made through it. Default true."""


class VaultAwsAuth(pulumi.ComponentResource):
    """An AWS auth method. It knows a principal by its ARN, and takes no request that was signed for another server."""

    mount: pulumi.Output[str]
    """The mount path below `auth/`, known once the method can ask AWS."""

    def __init__(self, name: str, args: VaultAwsAuthArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultAwsAuth", name, None, opts)
        first_key = args.get("first_key")  # {} is not the same as none: it was given before
        if first_key is not None and args.get("role_arn"):
            raise ValueError(f"{name}: the server is known to AWS by first_key or by role_arn, not by both")
        method = vault.AuthBackend(
            f"{name}-method",
            type="aws",
            path=args["mount"],
            description="IAM roles and users",
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        client = vault.aws.AuthBackendClient(
            f"{name}-client",
            backend=method.path,
            iam_server_id_header_value=args["iam_server_id_header_value"],
            sts_endpoint=args["sts_endpoint"],
            sts_region=args["sts_region"],
            iam_endpoint=args.get("iam_endpoint"),
            role_arn=args.get("role_arn"),
            identity_token_audience=args.get("identity_token_audience"),
            identity_token_ttl=args.get("identity_token_ttl"),
            # The id of the key that the server made shows up here, and its absence would take the key away.
            opts=leaf(self, deleted_with=method, ignore_changes=[] if first_key is None else ["accessKey"]),
        )
        vault.aws.AuthBackendConfigIdentity(
            f"{name}-identity",
            backend=method.path,
            # Known before the first login, so that an entity can be declared.
            iam_alias="canonical_arn",
            opts=leaf(self, deleted_with=method),
        )
        ready: vault.aws.AuthBackendClient | vault.generic.Endpoint = client
        if first_key is not None:
            config = pulumi.Output.concat("auth/", method.path, "/config/")
            opts_of_key = leaf(self, depends_on=[client], replacement_trigger=method.accessor)
            key = give_first_key(name, pulumi.Output.concat(config, "client"), first_key, method, opts_of_key)
            ready = rotate_away(name, pulumi.Output.concat(config, "rotate-root"), key, leaf(self))
        self.mount_resource = method
        # Roles wait until there is a key: the server asks IAM about their principals while it makes them.
        self.mount = pulumi.Output.all(method.path, ready.urn).apply(lambda known: str(known[0]))
        self.register_outputs({"mount": self.mount})


class VaultAwsAuthRoleArgs(TypedDict):
    """Who logs in as this role."""

    principal_arn: pulumi.Input[str]
    """The IAM role or user, exactly."""
    resolve_aws_unique_ids: NotRequired[pulumi.Input[bool]]
    """Whether it is the very principal that has this ARN now. Default true."""
    policies: pulumi.Input[list[str]]
    """The policies its token carries; the server's `default` is not among them unless named."""
    token_ttl_seconds: pulumi.Input[int]
    """Lifetime of a token unless renewed."""
    token_max_ttl_seconds: pulumi.Input[int]
    """Lifetime at most."""


class VaultAwsAuthRolesArgs(TypedDict):
    """Roles of one auth method."""

    mount: pulumi.Input[str]
    """The auth method's mount path."""
    roles: dict[str, VaultAwsAuthRoleArgs]
    """The roles by name."""


class VaultAwsAuthRoles(pulumi.ComponentResource):
    """Roles that belong together, such as all of one team."""

    def __init__(self, name: str, args: VaultAwsAuthRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultAwsAuthRoles", name, None, opts)
        for role, role_args in args["roles"].items():
            if isinstance(arn := role_args["principal_arn"], str) and "*" in arn:
                raise ValueError(f"{name}: role {role} is bound to the pattern '{arn}'; name one principal exactly")
            vault.aws.AuthBackendRole(
                f"{name}-{role}",
                backend=args["mount"],
                role=role,
                auth_type="iam",
                bound_iam_principal_arns=[arn],
                resolve_aws_unique_ids=role_args.get("resolve_aws_unique_ids", True),
                **token_inputs(role_args),
                opts=leaf_within(self, opts),
            )
        self.register_outputs({})


def deploy_methods(plan: Plan, stage: Stage) -> None:
    """The AWS methods of a plan."""
    for record in plan.of(AwsAuthMethod):
        method = VaultAwsAuth(f"auth-{record.mount}", _method_args(record, stage), component_options(stage))
        stage.mounted(f"auth/{record.mount}", method)


def deploy(plan: Plan, stage: Stage) -> None:
    """Their roles."""
    deploy_roles(plan, stage, AwsAuthRole, VaultAwsAuthRoles, _role_args)


def _method_args(record: AwsAuthMethod, stage: Stage) -> VaultAwsAuthArgs:
    args: dict[str, Any] = {
        "mount": record.mount,
        "iam_server_id_header_value": record.iam_server_id_header_value,
        "sts_endpoint": record.sts_endpoint,
        "sts_region": record.sts_region,
        "iam_endpoint": record.iam_endpoint,
        "role_arn": record.role_arn,
        "identity_token_audience": record.identity_token_audience,
        "identity_token_ttl": record.identity_token_ttl_seconds,
        "protect_data": record.protect,
        "first_key": resolved_first_key(record.first_key_from, stage) if record.first_key_from else None,
    }
    return cast("VaultAwsAuthArgs", {name: value for name, value in args.items() if value is not None})


def _role_args(record: AwsAuthRole) -> dict[str, Any]:
    return {"principal_arn": record.principal_arn, "resolve_aws_unique_ids": record.resolve_aws_unique_ids}
