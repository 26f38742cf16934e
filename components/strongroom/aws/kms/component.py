"""A key of AWS KMS as a component: the key, its alias, and the same in further regions."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from strongroom.aws import provider
from strongroom.aws.kms.plan import KmsKey
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf


class AwsKmsKeyArgs(TypedDict):
    """A symmetric key that encrypts secrets. Its material never leaves KMS."""

    alias: str
    """Its name, such as `alias/prod/main`."""
    policy: pulumi.Input[str]
    """Who manages and who uses it, as JSON. It must let whoever deploys change it: KMS refuses one that does not."""
    description: NotRequired[pulumi.Input[str]]
    """For people."""
    rotation_period_days: NotRequired[pulumi.Input[int]]
    """How often KMS makes new key material, 90 to 2560 days. Default 365."""
    deletion_window_days: NotRequired[pulumi.Input[int]]
    """How long a deletion can be cancelled, 7 to 30 days. Default 30."""
    replicas: NotRequired[list[str]]
    """Further regions that have the same key. A change between none and some makes another key. Default: none."""
    tags: NotRequired[dict[str, str]]
    """Tags. Default: none."""
    protect_data: NotRequired[bool]
    """Whether it is protected: without the key, nothing that it encrypted can be read. Default true."""


class AwsKmsKey(pulumi.ComponentResource):
    """A key that is rotated, with an alias, in one region or in several."""

    key_id: pulumi.Output[str]
    """Its id, the same in all its regions; known once its aliases exist."""

    def __init__(self, name: str, args: AwsKmsKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AwsKmsKey", name, None, opts)
        protect, replicas = args.get("protect_data", True), args.get("replicas", [])
        window = args.get("deletion_window_days", 30)
        key = aws.kms.Key(
            f"{name}-key",
            description=args.get("description"),
            enable_key_rotation=True,
            rotation_period_in_days=args.get("rotation_period_days", 365),
            deletion_window_in_days=window,
            multi_region=bool(replicas),
            policy=args["policy"],
            tags=args.get("tags"),
            opts=leaf(self, protect=protect),
        )
        aliases = [aws.kms.Alias(f"{name}-alias", name=args["alias"], target_key_id=key.key_id, opts=leaf(self))]
        for region in replicas:
            replica = aws.kms.ReplicaKey(
                f"{name}-{region}-key",
                region=region,
                primary_key_arn=key.arn,
                description=args.get("description"),
                deletion_window_in_days=window,
                policy=args["policy"],
                tags=args.get("tags"),
                opts=leaf(self, protect=protect),
            )
            aliases.append(
                aws.kms.Alias(
                    f"{name}-{region}-alias",
                    name=args["alias"],
                    region=region,
                    target_key_id=replica.key_id,
                    opts=leaf(self),
                )
            )
        known = pulumi.Output.all(key.key_id, *[alias.arn for alias in aliases])
        self.key_id = known.apply(lambda values: str(values[0]))
        self.register_outputs({"key_id": self.key_id})


def deploy(plan: Plan, stage: Stage) -> None:
    """The keys of a plan."""
    for record in plan.of(KmsKey):
        key = AwsKmsKey(
            f"{plan.environment}-{record.name}", _args(plan.environment, record), provider.options(stage, record.place)
        )
        stage.aws_key_ids[record.name] = key.key_id
        stage.aws_keys.append(key)


def _args(environment: str, record: KmsKey) -> AwsKmsKeyArgs:
    return {
        "alias": record.alias,
        "description": record.description,
        "policy": record.policy,
        "rotation_period_days": record.rotation_period_days,
        "deletion_window_days": record.deletion_window_days,
        "replicas": list(record.replicas),
        "tags": {"strongroom:environment": environment, "strongroom:item": record.name},
        "protect_data": record.protect,
    }
