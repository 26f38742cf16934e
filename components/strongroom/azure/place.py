"""Where something of Azure is: part of every record of a thing there."""

from dataclasses import dataclass

from strongroom.azure.names import Cloud
from strongroom.plan.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class AzurePlace:
    """One resource group."""

    tenant: str
    """The Entra ID tenant. Credentials of another one are refused before anything is made."""
    subscription: str
    resource_group: str
    location: str
    cloud: Cloud

    def __str__(self) -> str:
        return f"{self.subscription}/{self.resource_group}"

    @property
    def group_id(self) -> str:
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"

    def id_of(self, kind: str, name: str) -> str:
        """The id of a resource in the group: `kind` is for example `Microsoft.KeyVault/vaults`."""
        return f"{self.group_id}/providers/{kind}/{name}"

    def role(self, definition: str) -> str:
        """The id of a role, by the subscription that it is assigned in."""
        return f"/subscriptions/{self.subscription}/providers/Microsoft.Authorization/roleDefinitions/{definition}"


def place_of(scope: Scope) -> AzurePlace:
    """The environment's own. It has an `azure` section: `strongroom.plan.cloud_stores` checks that."""
    azure = scope.environment.azure
    assert azure is not None
    return AzurePlace(
        tenant=azure.tenant,
        subscription=azure.subscription,
        resource_group=azure.resource_group,
        location=azure.location,
        cloud=azure.cloud,
    )
