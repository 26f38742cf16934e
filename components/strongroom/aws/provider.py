"""The provider of AWS for one account and region, which refuses credentials of any other account."""

import pulumi
import pulumi_aws as aws

from strongroom.aws.place import AwsPlace
from strongroom.plan.plan import Plan
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


def check(plan: Plan, stage: Stage) -> None:
    """Has each provider say who is asking, in a preview too, before anything else is registered.

    Without credentials, in a region that does not exist, and with credentials of another account it has no answer,
    which would otherwise be said at every resource. Raises pulumi.RunError.
    """
    places = {str(place): place for r in plan.records if isinstance(place := getattr(r, "place", None), AwsPlace)}
    for place in places.values():
        try:
            aws.get_caller_identity(opts=pulumi.InvokeOptions(provider=provider_of(stage, place)))
        except Exception as error:
            raise pulumi.RunError(_refused(place, error)) from None


def _refused(place: AwsPlace, error: Exception) -> str:
    said = " ".join(str(error).split())
    return (
        f"account {place.account} of AWS cannot be reached in {place.region} with these credentials; nothing was "
        "touched. Are there any, and of that account (`aws sts get-caller-identity`; `aws sso login`, AWS_PROFILE), "
        f"and is there such a region? The provider says: {said}"
    )
