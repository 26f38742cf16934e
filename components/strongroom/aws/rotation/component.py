"""Strongroom's own rotation function as a component: the function, its role, its logs, and who may call it."""

from pathlib import Path
from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from strongroom.aws.iam.policies import attach
from strongroom.aws.rotation.assets import code
from strongroom.aws.rotation.document import log_group, trust_policy
from strongroom.aws.rotation.function import configuration
from strongroom.aws.rotation.package import HANDLER
from strongroom.aws.rotation.strategy import WITHOUT_LOCK, checked, driver_of
from strongroom.stage import leaf

SECRETS_MANAGER: Final = "secretsmanager.amazonaws.com"


class AwsFunctionVpcArgs(TypedDict):
    """Where a function is."""

    subnet_ids: list[pulumi.Input[str]]
    """Its subnets."""
    security_group_ids: list[pulumi.Input[str]]
    """Its security groups."""


class AwsRotationFunctionArgs(TypedDict):
    """A function, and what it may do."""

    name: str
    """The function's name, at most 64 characters."""
    strategy: str
    """What it rotates, and how, such as `postgresql-alternating-users`: docs/aws/rotation.md."""
    account: str
    """The account whose Secrets Manager may call it."""
    role_name: NotRequired[str]
    """Its role's name, at most 64 characters. Default: the function's."""
    role_path: NotRequired[str]
    """The role's path. Default `/`."""
    inline_policy: NotRequired[pulumi.Input[str]]
    """What it may do, as JSON."""
    managed_policies: NotRequired[list[pulumi.Input[str]]]
    """The same in several documents."""
    permissions_boundary_arn: NotRequired[pulumi.Input[str]]
    """The most it may do. Default: none."""
    master_secret_arn: NotRequired[pulumi.Input[str]]
    """Of alternating users: the secret by which users are managed."""
    password_length: NotRequired[int]
    """16 to 64. Default 32."""
    exclude_characters: NotRequired[str]
    """What passwords must not have. Default: what databases refuse, and what breaks URLs and shells."""
    ca_file: NotRequired[str]
    """PEM file of who vouches for the database. Default: whom the runtime trusts."""
    callback: NotRequired[str]
    """Of `api-key`: the folder with `callback.py`."""
    vpc: NotRequired[AwsFunctionVpcArgs]
    """Default: none."""
    runtime: NotRequired[str]
    """Default `python3.13`."""
    architecture: NotRequired[str]
    """`arm64` (default) or `x86_64`."""
    memory_mb: NotRequired[int]
    """Default 256."""
    timeout_seconds: NotRequired[int]
    """Of one step. Default 60."""
    log_retention_days: NotRequired[int]
    """Default 365."""
    log_kms_key_arn: NotRequired[pulumi.Input[str]]
    """The key of its logs. Default: CloudWatch's own encryption."""
    tags: NotRequired[dict[str, str]]
    """Tags. Default: none."""


class AwsRotationFunction(pulumi.ComponentResource):
    """A rotation function. Secrets Manager may call it once it may do what it is for."""

    function_arn: pulumi.Output[str]
    """Its ARN, for the rotation of secrets."""

    def __init__(self, name: str, args: AwsRotationFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AwsRotationFunction", name, None, opts)
        strategy, tags = checked(args["strategy"]), args.get("tags")
        role_name, path = args.get("role_name", args["name"]), args.get("role_path", "/")
        role = aws.iam.Role(
            f"{name}-role",
            name=role_name,
            path=path,
            assume_role_policy=trust_policy(),
            permissions_boundary=args.get("permissions_boundary_arn"),
            tags=tags,
            opts=leaf(self),
        )
        policies = attach(
            self, name, "role", role.name, role_name, path, args.get("inline_policy"), args.get("managed_policies", [])
        )
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=log_group(args["name"]),
            retention_in_days=args.get("log_retention_days", 365),
            kms_key_id=args.get("log_kms_key_arn"),
            tags=tags,
            opts=leaf(self),
        )
        vpc = args.get("vpc")
        function = aws.lambda_.Function(
            f"{name}-function",
            name=args["name"],
            description=f"rotates secrets: {strategy}",
            role=role.arn,
            runtime=args.get("runtime", "python3.13"),
            architectures=[args.get("architecture", "arm64")],
            handler=HANDLER,
            code=code(strategy, _path(args.get("ca_file")), _path(args.get("callback"))),
            timeout=args.get("timeout_seconds", 60),
            memory_size=args.get("memory_mb", 256),
            # Where a database has no lock, one rotation at a time is what keeps two from overtaking each other.
            reserved_concurrent_executions=1 if driver_of(strategy) in WITHOUT_LOCK else None,
            environment={"variables": _environment(args)},
            vpc_config={"subnet_ids": vpc["subnet_ids"], "security_group_ids": vpc["security_group_ids"]}
            if vpc
            else None,
            tags=tags,
            opts=leaf(self, depends_on=[*policies, logs]),
        )
        self.permission = aws.lambda_.Permission(
            f"{name}-caller",
            action="lambda:InvokeFunction",
            function=function.name,
            principal=SECRETS_MANAGER,
            # No source_arn: with one, the function rotates a single secret (AWS, "Permissions for rotation"). It is the
            # role that holds it to its secrets.
            source_account=args["account"],
            opts=leaf(self),
        )
        self.function_arn = function.arn
        self.register_outputs({"function_arn": self.function_arn})


def _environment(args: AwsRotationFunctionArgs) -> dict[str, pulumi.Input[str]]:
    found: dict[str, pulumi.Input[str]] = {
        configuration.STRATEGY: args["strategy"],
        configuration.PASSWORD_LENGTH: str(args.get("password_length", 32)),
        configuration.EXCLUDE_CHARACTERS: args.get("exclude_characters", configuration.DEFAULT_EXCLUDED),
    }
    if "master_secret_arn" in args:
        found[configuration.MASTER_SECRET] = args["master_secret_arn"]
    return found


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
