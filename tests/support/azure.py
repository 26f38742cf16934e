"""Azure as tests have it: a project whose values are in Key Vault, and what Azure tells of its resource group."""

from pathlib import Path
from typing import Any, Final

import pytest

from strongroom.azure.place import AzurePlace
from support import mocks
from support.projects import COMMON, ProjectFolder

TENANT: Final = "8f1c1d9e-2c6a-4a34-9a0e-1f6f4a1b2c3d"
SUBSCRIPTION: Final = "0d5b6d1a-4a71-4b7e-8a59-3c1f0b6f7a11"
ISSUER: Final = f"https://westeurope.oic.prod-aks.azure.com/{TENANT}/b0b5c5a1/"
AZURE: Final = f"""\
azure:
  tenant: {TENANT}
  subscription: {SUBSCRIPTION}
  resource_group: "secrets-{{{{ environment }}}}"
  location: westeurope
  identities:
    clusters:
      main: {{issuer: "{ISSUER}"}}
"""
STORE: Final = '  az: {azure_key_vault: {vault: "acme-{{ environment }}"}}\n'
PROD: Final = AzurePlace(
    tenant=TENANT, subscription=SUBSCRIPTION, resource_group="secrets-prod", location="westeurope", cloud="public"
)
VAULT: Final = f"{PROD.group_id}/providers/Microsoft.KeyVault/vaults/acme-prod"
FUNCTION_APP: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/apps/providers/Microsoft.Web/sites/renew"
PRINCIPAL: Final = "3a1f5c1e-7d54-4d2b-9d65-0c7a5f3e2b11"
ROTATORS: Final = f"""\
rotators:
  renew: {{azure_function: {{function_app: {FUNCTION_APP}, function: rotate, principal_id: {PRINCIPAL}}}}}
"""


def in_key_vault(folder: Path, store: str = STORE, azure: str = AZURE) -> ProjectFolder:
    """The small project with all stored values in Key Vault."""
    project = ProjectFolder(folder)
    project.replace(COMMON, "default_store: kv\nstores:\n", f"default_store: az\nstores:\n{store}")
    project.replace(COMMON, "vault:\n  auth:", f"{azure}vault:\n  auth:")
    return project


def client(**changes: str) -> dict[str, Any]:
    """What the provider tells of the credentials that it found."""
    return {"clientId": "c", "objectId": "o", "subscriptionId": SUBSCRIPTION, "tenantId": TENANT} | changes


def reach(monkeypatch: pytest.MonkeyPatch, place: AzurePlace = PROD, **changes: str) -> None:
    """Lets lookups of a program be answered as to somebody who has rights on a resource group."""
    group = {"id": place.group_id, "name": place.resource_group, "location": place.location}
    monkeypatch.setitem(mocks.TOLD, "azure-native:authorization:getClientConfig", client(**changes))
    monkeypatch.setitem(mocks.TOLD, "azure-native:resources:getResourceGroup", group)


ENVIRONMENT: Final = "environments/prod.yaml"
CATALOG: Final = "catalog/payments.yaml"
NETWORK: Final = f"{PROD.group_id}/providers/Microsoft.Network"
FILES: Final = {
    "Pulumi.prod.yaml": "config:\n  strongroom:environment: prod\n",
    ENVIRONMENT: f"""\
environment: prod
default_store: azure
stores:
  azure:
    azure_key_vault:
      vault: acme-prod
      soft_delete_days: 30
      allowed_ips: [20.30.40.0/24]
      private_endpoint:
        subnet: {NETWORK}/virtualNetworks/main/subnets/vaults
        dns_zone: {NETWORK}/privateDnsZones/privatelink.vaultcore.azure.net
      diagnostics:
        log_analytics: {PROD.group_id}/providers/Microsoft.OperationalInsights/workspaces/audit
      keys:
        wrap: {{rotate_every: 90d, expires_after: 120d, operations: [wrapKey, unwrapKey]}}
azure:
  tenant: {TENANT}
  subscription: {SUBSCRIPTION}
  resource_group: secrets-prod
  location: westeurope
  identities:
    clusters:
      main: {{issuer: "{ISSUER}"}}
    github_actions: {{}}
{ROTATORS}""",
    CATALOG: """\
team: payments
workloads:
  checkout: {runs_as: {kubernetes: {namespace: payments, service_account: checkout}}}
  release: {runs_as: {github_actions: {repository: acme/payments, environment: prod}}}
  batch: {runs_as: {azure_managed_identity: {principal_id: 5d0c1f9e-2222-4d2b-9d65-0c7a5f3e2b11}}}
secrets:
  stripe: {fields: [api_key, webhook_secret], rotate_every: 90d, rotator: renew}
  bank: {fields: [password]}
grants:
  - {workload: checkout, secret: stripe, can: [read]}
  - {workload: release, secret: stripe, can: [write]}
  - {workload: batch, secret: bank, can: [read]}
""",
}
"""An environment that keeps everything in Azure, and uses all that there is."""
