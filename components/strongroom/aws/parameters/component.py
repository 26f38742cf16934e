"""Parameters that are no secrets as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from strongroom.aws import provider
from strongroom.aws.parameter_store.spec import TIERS
from strongroom.aws.parameters.plan import AwsPlainParameter
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf


class AwsPlainParameterArgs(TypedDict):
    """A parameter with its value, which is no secret: state and previews show it."""

    name: str
    """Its full name, such as `/prod/shop/timeout`. A change makes another parameter."""
    value: pulumi.Input[str]
    """Its value; several of a StringList are separated by commas."""
    type: NotRequired[str]
    """`String` or `StringList`. Default `String`."""
    description: NotRequired[pulumi.Input[str]]
    """For people."""
    allowed_pattern: NotRequired[pulumi.Input[str]]
    """A regular expression that AWS compares values with. Default: none."""
    tier: NotRequired[str]
    """`standard`, `advanced` or `intelligent-tiering`. Default `standard`."""
    data_type: NotRequired[pulumi.Input[str]]
    """`text` or `aws:ec2:image`. Default `text`."""
    tags: NotRequired[dict[str, str]]
    """Tags. Default: none."""


class AwsPlainParametersArgs(TypedDict):
    """Parameters of one account and region."""

    parameters: dict[str, AwsPlainParameterArgs]
    """The parameters by a short name of their own, such as `shop/timeout`."""


class AwsPlainParameters(pulumi.ComponentResource):
    """Parameters of Parameter Store that everybody may know. One that is there already is not taken over: the
    deployment fails, and says so."""

    arns: pulumi.Output[dict[str, str]]
    """The ARN of each parameter, by its short name."""

    def __init__(self, name: str, args: AwsPlainParametersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AwsPlainParameters", name, None, opts)
        made = {
            short: aws.ssm.Parameter(
                f"{name}-{short}",
                name=parameter["name"],
                type=parameter.get("type", "String"),
                # Else previews would hide each change of a value that everybody may know.
                insecure_value=parameter["value"],
                description=parameter.get("description"),
                allowed_pattern=parameter.get("allowed_pattern"),
                tier=TIERS[parameter.get("tier", "standard")],
                data_type=parameter.get("data_type", "text"),
                tags=parameter.get("tags"),
                opts=leaf(self),
            )
            for short, parameter in args["parameters"].items()
        }
        self.arns = pulumi.Output.all(**{short: parameter.arn for short, parameter in made.items()})
        self.register_outputs({"arns": self.arns})


def deploy(plan: Plan, stage: Stage) -> None:
    """The plain parameters of a plan."""
    for place, records in plan.grouped(AwsPlainParameter, lambda record: record.place):
        AwsPlainParameters(
            f"{plan.environment}-parameters",
            {"parameters": {record.short: _args(plan.environment, record) for record in records}},
            provider.options(stage, place),
        )


def _args(environment: str, record: AwsPlainParameter) -> AwsPlainParameterArgs:
    args: AwsPlainParameterArgs = {
        "name": record.name,
        "value": record.value,
        "type": record.type,
        "tier": record.tier,
        "data_type": record.data_type,
        "tags": {"strongroom:environment": environment, "strongroom:item": record.short},
    }
    if record.description:
        args["description"] = record.description
    if record.allowed_pattern:
        args["allowed_pattern"] = record.allowed_pattern
    return args
