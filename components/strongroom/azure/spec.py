"""What people write about an environment's part of Azure."""

from pydantic import Field

from strongroom.azure.identity.spec import AzureIdentities
from strongroom.azure.names import Cloud, Location, ResourceGroup, Uuid
from strongroom.spec.model import Model


class Azure(Model):
    """One environment's resource group. Credentials are never named here: they are whoever runs the command."""

    tenant: Uuid
    """The Entra ID tenant. With credentials of another one nothing is made, read or written."""
    subscription: Uuid
    """The subscription."""
    resource_group: ResourceGroup
    """The resource group, which exists: rights of people and of the deployer are given on it."""
    location: Location
    """Where its resources are, such as `westeurope`."""
    cloud: Cloud = "public"
    """`public`, `usgov` or `china`."""
    identities: AzureIdentities = Field(default_factory=AzureIdentities)
    """Where workloads come from that log in at Entra ID with a token of their platform."""
