"""Secrets of AWS Secrets Manager as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from strongroom.aws import provider
from strongroom.aws.secrets_manager.plan import AwsSecret
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf


class AwsSecretArgs(TypedDict):
    """A secret without a value: that is written by `strongroom values`, or made by a rotation."""

    name: str
    """Its full name, such as `prod/payments/stripe`. A change makes another secret."""
    description: NotRequired[pulumi.Input[str]]
    """For people."""
    kms_key: NotRequired[pulumi.Input[str]]
    """ARN or alias of the key that encrypts it. Default: AWS's own `aws/secretsmanager`."""
    replicas: NotRequired[list[str]]
    """Further regions that hold a copy; a key that is named has to be there too. Default: none."""
    recovery_window_days: NotRequired[pulumi.Input[int]]
    """How long it can be restored after a deletion, 7 to 30 days. Default 30."""
    tags: NotRequired[dict[str, str]]
    """Tags. Default: none."""


class AwsSecretsArgs(TypedDict):
    """Secrets of one account and region."""

    secrets: dict[str, AwsSecretArgs]
    """The secrets by a short name of their own, such as `payments.stripe`."""
    protect_data: NotRequired[bool]
    """Whether they are protected from deletion and replacement. Default true."""


class AwsSecrets(pulumi.ComponentResource):
    """Secrets of AWS Secrets Manager. Their values are no resources: whoever tracked a version that somebody else, or a
    rotation, replaces would write the old value over the new one (terraform-provider-aws, issue 25168)."""

    arns: pulumi.Output[dict[str, str]]
    """The ARN of each secret, by its short name."""

    def __init__(self, name: str, args: AwsSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AwsSecrets", name, None, opts)
        self.secrets = {
            short: aws.secretsmanager.Secret(
                f"{name}-{short}",
                name=secret["name"],
                description=secret.get("description"),
                kms_key_id=secret.get("kms_key"),
                replicas=[_replica(region, secret) for region in secret.get("replicas", [])] or None,
                recovery_window_in_days=secret.get("recovery_window_days", 30),
                tags=secret.get("tags"),
                opts=leaf(self, protect=args.get("protect_data", True)),
            )
            for short, secret in args["secrets"].items()
        }
        self.arns = pulumi.Output.all(**{short: secret.arn for short, secret in self.secrets.items()})
        self.register_outputs({"arns": self.arns})


def _replica(region: str, args: AwsSecretArgs) -> aws.secretsmanager.SecretReplicaArgs:
    """A copy is under the key of that alias in its own region; else it would be under AWS's own."""
    return aws.secretsmanager.SecretReplicaArgs(region=region, kms_key_id=args.get("kms_key"))


def deploy(plan: Plan, stage: Stage) -> None:
    """The secrets of a plan: a component for each store."""
    for (store, place, protect), secrets in plan.grouped(AwsSecret, lambda s: (s.store, s.place, s.protect)):
        component = AwsSecrets(
            f"{plan.environment}-{store}",
            {"secrets": {f"{s.team}.{s.name}": _args(plan.environment, s) for s in secrets}, "protect_data": protect},
            provider.options(stage, place),
        )
        for secret in secrets:
            stage.aws_secrets[secret.key] = component.secrets[f"{secret.team}.{secret.name}"]


def tags(environment: str, team: str, item: str) -> dict[str, str]:
    """Whose something is, for people, budgets and conditions of policies by hand."""
    return {"strongroom:environment": environment, "strongroom:team": team, "strongroom:item": item}


def _args(environment: str, record: AwsSecret) -> AwsSecretArgs:
    args: AwsSecretArgs = {
        "name": record.path,
        "recovery_window_days": record.recovery_window_days,
        "replicas": list(record.replicas),
        "tags": tags(environment, record.team, record.name),
    }
    if record.description:
        args["description"] = record.description
    if record.kms_key:
        args["kms_key"] = record.kms_key
    return args
