"""Rotation of a plan: functions, and the secrets that they rotate."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from strongroom.aws import provider
from strongroom.aws.kms.ids import completed
from strongroom.aws.rotation import first_value
from strongroom.aws.rotation.component import AwsFunctionVpcArgs, AwsRotationFunction, AwsRotationFunctionArgs
from strongroom.aws.rotation.records import AwsFunctionVpc, AwsPublishedRotator, AwsRotator, AwsSecretRotation
from strongroom.aws.rotation.schedules import AwsSecretRotationArgs, AwsSecretRotations
from strongroom.aws.secrets_manager.component import tags
from strongroom.errors import StrongroomError
from strongroom.plan.plan import Plan
from strongroom.plan.record import PLATFORM
from strongroom.stage import Stage

_NAMED: Final = 10
"""As many secrets as one message names."""


def deploy(plan: Plan, stage: Stage) -> None:
    """The functions of a plan, then the rotation of each secret that has a value.

    Raises pulumi.RunError for a file that is missing, and if AWS cannot be asked which secrets have one.
    """
    try:
        _deploy(plan, stage)
    except StrongroomError as error:
        raise pulumi.RunError(str(error)) from None


def _deploy(plan: Plan, stage: Stage) -> None:
    callers: list[pulumi.Resource] = []
    for rotator in plan.of(AwsRotator):
        function = AwsRotationFunction(
            f"{plan.environment}-{rotator.name}",
            _function_args(plan.environment, rotator, stage),
            provider.options(stage, rotator.place),
        )
        callers.append(function)
    callers += [_published(plan.environment, published, stage) for published in plan.of(AwsPublishedRotator)]
    for place, rotations in plan.grouped(AwsSecretRotation, lambda rotation: rotation.place):
        ready = _ready(rotations)
        if ready:
            AwsSecretRotations(
                f"{plan.environment}-rotations",
                {"rotations": {f"{r.team}.{r.secret}": _args(r, stage) for r in ready}},
                pulumi.ResourceOptions.merge(
                    provider.options(stage, place), pulumi.ResourceOptions(depends_on=callers)
                ),
            )


def _ready(rotations: Sequence[AwsSecretRotation]) -> list[AwsSecretRotation]:
    """Those whose secrets have a value. The others are named, with what to do."""
    place = rotations[0].place
    has_value = first_value.with_value(place, [rotation.secret_name for rotation in rotations])
    if waiting := [rotation.key for rotation in rotations if rotation.secret_name not in has_value]:
        more = f" and {len(waiting) - _NAMED} more" if len(waiting) > _NAMED else ""
        pulumi.log.warn(
            f"not rotated yet, as they have no value: {', '.join(waiting[:_NAMED])}{more}; write it with `strongroom "
            "values put`, and deploy again"
        )
    return [rotation for rotation in rotations if rotation.secret_name in has_value]


def _args(record: AwsSecretRotation, stage: Stage) -> AwsSecretRotationArgs:
    secret = stage.aws_secrets.get(record.key)
    args: AwsSecretRotationArgs = {
        "secret_id": secret.id if secret else record.secret_name,
        "rotate_immediately": record.rotate_immediately,
    }
    if record.function_arn:
        args["function_arn"] = record.function_arn
    if record.automatically_after_days is not None:
        args["automatically_after_days"] = record.automatically_after_days
    if record.schedule_expression is not None:
        args["schedule_expression"] = record.schedule_expression
    if record.window_hours is not None:
        args["window_hours"] = record.window_hours
    return args


def _function_args(environment: str, record: AwsRotator, stage: Stage) -> AwsRotationFunctionArgs:
    args: AwsRotationFunctionArgs = {
        "name": record.function_name,
        "strategy": record.strategy,
        "account": record.place.account,
        "role_name": record.role_name,
        "role_path": record.role_path,
        "managed_policies": [completed(d, environment, stage, record.place) for d in record.managed_policies],
        "password_length": record.password_length,
        "exclude_characters": record.exclude_characters,
        "runtime": record.runtime,
        "architecture": record.architecture,
        "memory_mb": record.memory_mb,
        "timeout_seconds": record.timeout_seconds,
        "log_retention_days": record.log_retention_days,
        "tags": tags(environment, PLATFORM, record.name),
    }
    if record.inline_policy:
        args["inline_policy"] = completed(record.inline_policy, environment, stage, record.place)
    if record.permissions_boundary_arn:
        args["permissions_boundary_arn"] = record.permissions_boundary_arn
    if record.master_secret_arn:
        args["master_secret_arn"] = record.master_secret_arn
    if record.ca_file:
        args["ca_file"] = record.ca_file
    if record.callback:
        args["callback"] = record.callback
    if record.vpc:
        args["vpc"] = _vpc(record.vpc)
    if record.log_kms_key_arn:
        args["log_kms_key_arn"] = record.log_kms_key_arn
    return args


def _vpc(vpc: AwsFunctionVpc) -> AwsFunctionVpcArgs:
    return {"subnet_ids": list(vpc.subnet_ids), "security_group_ids": list(vpc.security_group_ids)}


def _published(environment: str, record: AwsPublishedRotator, stage: Stage) -> pulumi.Resource:
    """An application of the repository makes function, role and permission by itself."""
    service = f"https://secretsmanager.{record.place.region}.amazonaws.com"
    service += ".cn" if record.place.partition == "aws-cn" else ""
    optional = {
        "masterSecretArn": record.master_secret_arn,
        "kmsKeyArn": record.kms_key_arn,
        "vpcSubnetIds": ",".join(record.vpc.subnet_ids) if record.vpc else None,
        "vpcSecurityGroupIds": ",".join(record.vpc.security_group_ids) if record.vpc else None,
    }
    application: pulumi.Resource = aws.serverlessrepository.CloudFormationStack(
        f"{environment}-{record.name}",
        name=record.function_name,
        application_id=record.application_id,
        semantic_version=record.semantic_version,
        capabilities=["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"],
        parameters={
            "endpoint": service,
            "functionName": record.function_name,
            "excludeCharacters": record.exclude_characters,
            **{name: value for name, value in optional.items() if value},
        },
        tags=tags(environment, PLATFORM, record.name),
        opts=pulumi.ResourceOptions(
            provider=provider.provider_of(stage, record.place), depends_on=[*stage.first, *stage.aws_keys]
        ),
    )
    return application
