"""The provider of Azure for one subscription, and the look at whose credentials they are before anything is made."""

from collections.abc import Sequence

import pulumi
import pulumi_azure_native as azure_native

from strongroom.azure.clouds import CLOUDS
from strongroom.azure.place import AzurePlace
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options


def provider_of(stage: Stage, place: AzurePlace) -> pulumi.ProviderResource:
    """The provider itself, one for each subscription."""
    name = f"azure-{place.subscription}"
    if name not in stage.providers:
        stage.providers[name] = azure_native.Provider(
            name,
            tenant_id=place.tenant,
            subscription_id=place.subscription,
            environment=CLOUDS[place.cloud].provider_environment,
        )
    return stage.providers[name]


def options(stage: Stage, place: AzurePlace, after: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
    """Options of a component whose resources are in that subscription.

    The provider finds its credentials as every Azure tool does; none are in the configuration, and so in the state.
    """
    return pulumi.ResourceOptions.merge(
        component_options(stage, after=after), pulumi.ResourceOptions(providers=[provider_of(stage, place)])
    )


def options_in_vault(stage: Stage, place: AzurePlace, vault: str) -> pulumi.ResourceOptions:
    """Options of a component whose resources are of a vault: they come after it where this stack makes it."""
    return options(stage, place, [stage.azure_vaults[vault]] if vault in stage.azure_vaults else [])


def check(plan: Plan, stage: Stage) -> None:
    """Refuses credentials that do not reach where the plan says, in a preview too, before anything else is registered.

    A token is of one tenant, which may have many subscriptions: so the provider is asked for its tenant, and Azure
    itself for the resource group, which it shows to nobody without rights there. Raises pulumi.RunError.
    """
    places = {str(place): place for r in plan.records if isinstance(place := getattr(r, "place", None), AzurePlace)}
    for place in places.values():
        asking = pulumi.InvokeOptions(provider=provider_of(stage, place))
        try:
            client = azure_native.authorization.get_client_config(opts=asking)
        except Exception as error:
            raise pulumi.RunError(_refused(place, error)) from None
        for what, declared, found in (
            ("tenant", place.tenant, client.tenant_id),
            ("subscription", place.subscription, client.subscription_id),
        ):
            if found.lower() != declared:
                raise pulumi.RunError(
                    f"these credentials belong to {what} {found} of Azure, and the environment is in {what} "
                    f"{declared}; nothing was touched. Choose others: `az login --tenant {place.tenant}`, and look at "
                    "the ARM_* variables"
                )
        try:
            group = azure_native.resources.get_resource_group(resource_group_name=place.resource_group, opts=asking)
        except Exception as error:
            raise pulumi.RunError(_refused(place, error)) from None
        if group.id.lower() != place.group_id.lower():
            raise pulumi.RunError(f"Azure answered with {group.id}, and was asked for {place.group_id}")


def _refused(place: AzurePlace, error: Exception) -> str:
    said = " ".join(str(error).split())
    return (
        f"{place.group_id} in tenant {place.tenant} cannot be reached with these credentials; nothing was touched. "
        "Is it the right account (`az account show`), does the resource group exist, and may the account read it? "
        f"Azure says: {said}"
    )
