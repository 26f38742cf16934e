"""A sound resource of each type, in the order in which they need one another."""

import os
from typing import Any, Final

from support.azure import PRINCIPAL, SUBSCRIPTION, TENANT

Json = dict[str, Any]
GROUP: Final = {"resourceGroupName": "secrets"}
GROUP_ID: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/secrets"
VAULT_ID: Final = f"{GROUP_ID}/providers/Microsoft.KeyVault/vaults/acme-prod"
_ROLES: Final = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
ROLE: Final = f"{_ROLES}/4633458b-17de-408a-874b-0445c86b69e6"
ZONE: Final = f"{GROUP_ID}/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"
BARE: Final = {name: value for name, value in os.environ.items() if not name.startswith(("ARM_", "AZURE_"))}
"""The environment of a process that nobody has told where its Azure is."""
GUID: Final = "2be21cf0-53ac-5bea-8bea-0c50a35dc576"

VAULT: Final = "azure-native:keyvault:Vault"
KEY: Final = "azure-native:keyvault:Key"
IDENTITY: Final = "azure-native:managedidentity:UserAssignedIdentity"
CREDENTIAL: Final = "azure-native:managedidentity:FederatedIdentityCredential"
ASSIGNMENT: Final = "azure-native:authorization:RoleAssignment"
TOPIC: Final = "azure-native:eventgrid:SystemTopic"
SUBSCRIPTION_TO_EVENTS: Final = "azure-native:eventgrid:SystemTopicEventSubscription"
ENDPOINT: Final = "azure-native:network:PrivateEndpoint"
ZONES: Final = "azure-native:network:PrivateDnsZoneGroup"
SETTING: Final = "azure-native:monitor:DiagnosticSetting"

SOUND: Final[dict[str, Json]] = {
    VAULT: {
        "vaultName": "acme-prod",
        "location": "westeurope",
        **GROUP,
        "properties": {
            "tenantId": TENANT,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "enableSoftDelete": True,
            "softDeleteRetentionInDays": 30,
            "enablePurgeProtection": True,
            "publicNetworkAccess": "Enabled",
            "networkAcls": {
                "defaultAction": "Deny",
                "bypass": "None",
                "ipRules": [{"value": "20.0.0.0/24"}],
                "virtualNetworkRules": [],
            },
        },
        "tags": {"strongroom:environment": "prod"},
    },
    KEY: {
        "keyName": "wrap",
        "vaultName": "acme-prod",
        **GROUP,
        "properties": {
            "kty": "RSA",
            "keySize": 3072,
            "keyOps": ["wrapKey", "unwrapKey"],
            "rotationPolicy": {
                "lifetimeActions": [{"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P90D"}}]
            },
        },
    },
    IDENTITY: {"resourceName": "prod_payments_checkout", "location": "westeurope", **GROUP},
    CREDENTIAL: {
        "federatedIdentityCredentialResourceName": "kubernetes_main",
        "resourceName": "prod_payments_checkout",
        **GROUP,
        "issuer": "https://issuer.example/",
        "subject": "system:serviceaccount:payments:checkout",
        "audiences": ["api://AzureADTokenExchange"],
    },
    ASSIGNMENT: {
        "roleAssignmentName": GUID,
        "scope": f"{VAULT_ID}/secrets/payments--stripe",
        "roleDefinitionId": ROLE,
        "principalId": PRINCIPAL,
        "principalType": "ServicePrincipal",
    },
    TOPIC: {
        "systemTopicName": "acme-prod-events",
        "location": "westeurope",
        **GROUP,
        "source": VAULT_ID,
        "topicType": "Microsoft.KeyVault.vaults",
    },
    SUBSCRIPTION_TO_EVENTS: {
        "eventSubscriptionName": "rotate-payments--stripe",
        "systemTopicName": "acme-prod-events",
        **GROUP,
        "destination": {
            "endpointType": "AzureFunction",
            "resourceId": f"{GROUP_ID}/providers/Microsoft.Web/sites/renew/functions/rotate",
            "maxEventsPerBatch": 1,
        },
        "eventDeliverySchema": "EventGridSchema",
        "filter": {
            "includedEventTypes": ["Microsoft.KeyVault.SecretNearExpiry"],
            "isSubjectCaseSensitive": False,
            "advancedFilters": [{"operatorType": "StringIn", "key": "subject", "values": ["payments--stripe"]}],
        },
    },
    ENDPOINT: {
        "privateEndpointName": "acme-prod-endpoint",
        "location": "westeurope",
        **GROUP,
        "subnet": {"id": f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/main/subnets/vaults"},
        "privateLinkServiceConnections": [
            {"name": "acme-prod", "privateLinkServiceId": VAULT_ID, "groupIds": ["vault"]}
        ],
    },
    ZONES: {
        "privateDnsZoneGroupName": "vault",
        "privateEndpointName": "acme-prod-endpoint",
        **GROUP,
        "privateDnsZoneConfigs": [
            {
                "name": "vault",
                "privateDnsZoneId": ZONE,
            }
        ],
    },
    SETTING: {
        "name": "strongroom-audit",
        "resourceUri": VAULT_ID,
        "workspaceId": f"{GROUP_ID}/providers/Microsoft.OperationalInsights/workspaces/audit",
        "logs": [{"category": "AuditEvent", "enabled": True}],
    },
}
