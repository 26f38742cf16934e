"""The ids of keys where documents are deployed: of this stack's own keys, and of those that another slice made."""

import pulumi
import pulumi_aws as aws

from strongroom.aws import provider
from strongroom.aws.kms.key_ids import keys_in, with_ids
from strongroom.aws.place import AwsPlace
from strongroom.plan import naming
from strongroom.stage import Stage


def completed(document: str, environment: str, stage: Stage, place: AwsPlace) -> pulumi.Input[str]:
    """A document with the ids of the keys in it."""
    names = keys_in(document)
    if not names:
        return document
    ids = {name: _id_of(name, environment, stage, place) for name in names}
    return pulumi.Output.all(**ids).apply(lambda known: with_ids(document, known))


def _id_of(name: str, environment: str, stage: Stage, place: AwsPlace) -> pulumi.Output[str]:
    if name not in stage.aws_key_ids:
        found = aws.kms.Alias.get(
            f"{environment}-{name}",
            naming.kms_alias_of(environment, name),
            opts=pulumi.ResourceOptions(provider=provider.provider_of(stage, place)),
        )
        stage.aws_key_ids[name] = found.target_key_id
    return stage.aws_key_ids[name]
