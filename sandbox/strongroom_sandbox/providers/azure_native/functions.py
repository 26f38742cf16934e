"""The functions that are served: who is asking, and whether the resource group is reached."""

from collections.abc import Mapping
from typing import Final

from ..frame.row import Answer, Function
from ..frame.values import Properties
from .arm import Arm


def client_config(server: Arm, arguments: Properties) -> Answer:
    """Return the tenant and subscription. The client is nobody."""
    del arguments
    nobody = "00000000-0000-0000-0000-000000000000"
    return Answer(
        {
            "tenantId": server.tenant,
            "subscriptionId": server.subscription,
            "clientId": nobody,
            "objectId": nobody,
        }
    )


def resource_group(server: Arm, arguments: Properties) -> Answer:
    """Return a resource group. Each is there: nothing of the sandbox makes one."""
    name = arguments["resourceGroupName"]
    identity = f"/subscriptions/{server.subscription}/resourceGroups/{name}"
    kind = "Microsoft.Resources/resourceGroups"
    return Answer({"id": identity, "name": name, "type": kind, "location": "", "properties": {}, "azureApiVersion": ""})


FUNCTIONS: Final[Mapping[str, Function[Arm]]] = {
    "azure-native:authorization:getClientConfig": client_config,
    "azure-native:resources:getResourceGroup": resource_group,
}
