"""That secrets are rotated, and when, as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from strongroom.stage import leaf


class AwsSecretRotationArgs(TypedDict):
    """The rotation of one secret, which has a value."""

    secret_id: pulumi.Input[str]
    """Its ARN or name."""
    function_arn: NotRequired[pulumi.Input[str]]
    """What rotates it. Default: AWS itself does ("managed rotation")."""
    automatically_after_days: NotRequired[int]
    """1 to 1000."""
    schedule_expression: NotRequired[str]
    """`rate(…)` or `cron(…)`. Of this and the days exactly one."""
    window_hours: NotRequired[int]
    """How long after its beginning a rotation may start. Default: to the end of the UTC day; of a schedule in
    hours, one hour."""
    rotate_immediately: NotRequired[bool]
    """Whether it is rotated at once, too. Default true."""


class AwsSecretRotationsArgs(TypedDict):
    """Rotations of one account and region."""

    rotations: dict[str, AwsSecretRotationArgs]
    """By a short name of their own, such as `payments.orders-db`."""


class AwsSecretRotations(pulumi.ComponentResource):
    """Secrets that are rotated. Their versions are no resources: whoever tracked one would write it back later."""

    def __init__(self, name: str, args: AwsSecretRotationsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AwsSecretRotations", name, None, opts)
        for short, rotation in args["rotations"].items():
            days, expression = rotation.get("automatically_after_days"), rotation.get("schedule_expression")
            if (days is None) == (expression is None):
                raise ValueError(f"{name}: {short} has days or a schedule_expression, exactly one of both")
            hours = rotation.get("window_hours")
            aws.secretsmanager.SecretRotation(
                f"{name}-{short}",
                secret_id=rotation["secret_id"],
                rotation_lambda_arn=rotation.get("function_arn"),
                rotate_immediately=rotation.get("rotate_immediately", True),
                rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(
                    automatically_after_days=days,
                    schedule_expression=expression,
                    duration=f"{hours}h" if hours else None,
                ),
                opts=leaf(self),
            )
        self.register_outputs({})
