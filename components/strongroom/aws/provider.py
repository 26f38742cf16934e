"""The provider of AWS for one account and region, which refuses credentials of any other account."""

import pulumi
import pulumi_aws as aws

from strongroom.aws.place import AwsPlace
from strongroom.stage import Stage, component_options


def provider_of(stage: Stage, place: AwsPlace) -> pulumi.ProviderResource:
    """The provider itself, one for each account and region."""
    name = f"aws-{place.account}-{place.region}"
    if name not in stage.providers:
        stage.providers[name] = aws.Provider(name, region=place.region, allowed_account_ids=[place.account])
    return stage.providers[name]


def options(stage: Stage, place: AwsPlace) -> pulumi.ResourceOptions:
    """Options of a component whose resources are in that account and region.

    The provider finds its credentials as every AWS tool does; none are in the configuration, and so in the state.
    """
    return pulumi.ResourceOptions.merge(
        component_options(stage, after=stage.aws_keys), pulumi.ResourceOptions(providers=[provider_of(stage, place)])
    )
