"""Private endpoints, by azure-mgmt-network; diagnostic settings, by their documentation."""

from dataclasses import dataclass
from typing import Any, Final

from azure.mgmt.network import models
from pulumi_azure_native import monitor, network

from .arm import refused
from .row import ArmRow, Names, Put

ENDPOINTS: Final = "Microsoft.Network/privateEndpoints"
ZONE_GROUPS: Final = f"{ENDPOINTS}/privateDnsZoneGroups"
SETTINGS: Final = "Microsoft.Insights/diagnosticSettings"
_GROUP: Final = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
_ENDPOINT: Final = f"{_GROUP}/providers/{ENDPOINTS}/{{privateEndpointName}}"
_PAGE_NAMES: Final = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,78}[A-Za-z0-9_])?"


@dataclass(frozen=True, kw_only=True)
class EndpointRow(ArmRow):
    """An address of a resource within a network."""

    def accept(self, put: Put) -> None:
        """Refuse what is no endpoint of anything: What is a private endpoint?"""
        wanted = put.body.get("properties", {})
        connections = wanted.get("privateLinkServiceConnections") or []
        if not wanted.get("subnet") or not connections:
            raise refused("InvalidRequestFormat", "an endpoint has a subnet and a connection", "name both")
        for connection in connections:
            target = str(connection.get("properties", {}).get("privateLinkServiceId", ""))
            if target.lower() not in put.resources and f"/{put.server.subscription}/" in target.lower():
                raise refused("ResourceNotFound", f"{target} is not there", "deploy it first")


@dataclass(frozen=True, kw_only=True)
class SettingRow(ArmRow):
    """Where a resource's logs go. No installed package has the model: this is written from the documentation."""

    def body(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Return what Azure is sent: Diagnostic Settings - Create Or Update."""
        top = super().body(inputs)
        return {"properties": top}

    def accept(self, put: Put) -> None:
        """Refuse what Azure Monitor refuses: Diagnostic settings in Azure Monitor."""
        wanted = put.body["properties"]
        if not any(wanted.get(k) for k in ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId")):
            raise refused("BadRequest", "there is no destination", "name a workspace, storage account or event hub")
        if not wanted.get("logs") and not wanted.get("metrics"):
            raise refused("BadRequest", "there is nothing to send", "name a category of logs")
        target = put.identity.lower().partition(f"/providers/{SETTINGS.lower()}")[0]
        if target not in put.resources and f"/{put.server.subscription}/" in target:
            raise refused("ResourceNotFound", f"{target} is not there", "deploy it first")


ROWS = (
    EndpointRow(
        resource=network.PrivateEndpoint,
        path=_ENDPOINT,
        kind=ENDPOINTS,
        model=models.PrivateEndpoint,
        names=Names(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_])"),
        name="privateEndpointName",
        replaces=frozenset({"privateEndpointName", "resourceGroupName", "location"}),
        computed=frozenset({"id"}),
    ),
    ArmRow(
        resource=network.PrivateDnsZoneGroup,
        path=f"{_ENDPOINT}/privateDnsZoneGroups/{{privateDnsZoneGroupName}}",
        kind=ZONE_GROUPS,
        model=models.PrivateDnsZoneGroup,
        names=Names(_PAGE_NAMES),
        name="privateDnsZoneGroupName",
        replaces=frozenset({"privateDnsZoneGroupName", "privateEndpointName", "resourceGroupName"}),
        computed=frozenset({"id", "name"}),
    ),
    SettingRow(
        resource=monitor.DiagnosticSetting,
        path=f"{{resourceUri}}/providers/{SETTINGS}/{{name}}",
        kind=SETTINGS,
        model=None,
        names=Names(r"[^*<>%:&\\?+/]{1,260}", "Diagnostic Settings - Create Or Update"),
        name="name",
        replaces=frozenset({"name", "resourceUri"}),
    ),
)
