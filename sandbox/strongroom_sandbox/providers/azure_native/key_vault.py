"""Vaults and keys, by azure-mgmt-keyvault and by Key Vault's documentation."""

from dataclasses import dataclass
from typing import Any, Final

from azure.mgmt.keyvault import models
from pulumi_azure_native import keyvault

from .arm import Arm, of_type, refused
from .row import ArmRow, Names, Put

VAULTS: Final = "Microsoft.KeyVault/vaults"
KEYS: Final = f"{VAULTS}/keys"
DELETED: Final = "Microsoft.KeyVault/locations/deletedVaults"
_GROUP: Final = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
_LEAST_DAYS, _MOST_DAYS = 7, 90
"""Azure Key Vault soft-delete overview."""


@dataclass(frozen=True, kw_only=True)
class VaultRow(ArmRow):
    """A vault. A deleted one keeps its name until it is purged."""

    def accept(self, put: Put) -> None:
        """Refuse what Key Vault refuses: Azure Key Vault soft-delete overview; Vaults - Create Or Update."""
        name, new = put.identity.rpartition("/")[2], put.body["properties"]
        if "--" in name:
            raise refused("VaultNameNotValid", f"{name} has two hyphens in a row", "choose another name")
        days = new.get("softDeleteRetentionInDays", _MOST_DAYS)
        if not _LEAST_DAYS <= days <= _MOST_DAYS:
            raise refused("BadRequest", f"softDeleteRetentionInDays is {days}", f"{_LEAST_DAYS} to {_MOST_DAYS}")
        if new.get("enablePurgeProtection") is False:
            raise refused(
                "BadRequest", "enablePurgeProtection cannot be set to false", "leave it out, or set it to true"
            )
        if new["tenantId"].lower() != put.server.tenant:
            raise refused(
                "BadRequest", f"tenantId is {new['tenantId']}", f"the subscription is in tenant {put.server.tenant}"
            )
        if put.before:
            _changeable(put.before["properties"], new)
            return
        if any(vault["name"].lower() == name.lower() for vault in of_type(put.resources, VAULTS)):
            raise refused("VaultAlreadyExists", f"the vault name {name} is already in use", "choose another name")
        for gone in of_type(put.resources, DELETED):
            if gone["name"].lower() == name.lower():
                raise refused(
                    "ConflictError",
                    f"a vault of the name {name} exists in deleted state, until {gone['days']} days have passed",
                    f"bring it back with `az keyvault recover --name {name}` and import it, or, unless it has purge "
                    f"protection, end it for good with `az keyvault purge --name {name}`, or choose another name",
                )

    def told(self, server: Arm, identity: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Add what Key Vault adds. The address leads nowhere: no value must get from a sandbox to somebody's vault."""
        name = identity.rpartition("/")[2]
        added = {"vaultUri": f"https://{name}.vault.stand-in.invalid/", "provisioningState": "Succeeded"}
        return {"properties": {**body["properties"], **added}}

    def gone(self, server: Arm, resources: dict[str, Any], document: dict[str, Any]) -> None:
        """Keep the name."""
        name, days = document["name"], document["properties"].get("softDeleteRetentionInDays", _MOST_DAYS)
        place = f"/subscriptions/{server.subscription}/providers/Microsoft.KeyVault/locations/{document['location']}"
        identity = f"{place}/deletedVaults/{name}"
        protected = bool(document["properties"].get("enablePurgeProtection"))
        resources[identity.lower()] = {
            "id": identity, "name": name, "type": DELETED, "days": days, "purgeProtectionEnabled": protected
        }  # fmt: skip


def _changeable(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Refuse changes of what never changes: the same pages."""
    days = (old.get("softDeleteRetentionInDays", _MOST_DAYS), new.get("softDeleteRetentionInDays", _MOST_DAYS))
    if days[0] != days[1]:
        raise refused(
            "BadRequest",
            f"softDeleteRetentionInDays is {days[0]} and cannot be {days[1]}: it can never be changed",
            "undo it, or make another vault",
        )
    if old.get("enablePurgeProtection") and not new.get("enablePurgeProtection"):
        raise refused("BadRequest", "purge protection cannot be taken back", "undo it, or make another vault")


@dataclass(frozen=True, kw_only=True)
class KeyRow(ArmRow):
    """A key, which Azure Resource Manager can make and never change."""

    def accept(self, put: Put) -> None:
        """Refuse what Keys - Create If Not Exist would pass over in silence, and what its model cannot tell."""
        wanted = put.body["properties"]
        if put.before:
            raise refused(
                "BadRequest",
                f"{put.identity} exists, and nothing of a key is ever changed (Keys - Create If Not Exist)",
                "undo the change, or make another key",
            )
        vault = put.resources[put.identity.lower().rpartition("/keys/")[0]]
        if str(wanted.get("kty", "")).endswith("-HSM") and vault["properties"]["sku"]["name"] != "premium":
            raise refused(
                "BadParameter", f"a vault of SKU standard has no keys of type {wanted['kty']}", "make it premium"
            )
        if str(wanted.get("kty", "")).startswith("EC") and wanted.get("keySize"):
            raise refused("BadParameter", "an EC key has a curve, and no size", "leave keySize out")

    def told(self, server: Arm, identity: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Add its addresses, which lead nowhere."""
        _, _, within = identity.rpartition("/vaults/")
        vault, _, key = within.partition("/keys/")
        uri = f"https://{vault}.vault.stand-in.invalid/keys/{key}"
        added = {"keyUri": uri, "keyUriWithVersion": f"{uri}/{'0' * 32}"}
        return {"properties": {**body["properties"], **added}}


ROWS = (
    VaultRow(
        resource=keyvault.Vault,
        path=f"{_GROUP}/providers/{VAULTS}/{{vaultName}}",
        kind=VAULTS,
        model=models.VaultCreateOrUpdateParameters,
        names=Names(r"[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]"),
        name="vaultName",
        replaces=frozenset({"vaultName", "resourceGroupName", "location"}),
    ),
    KeyRow(
        resource=keyvault.Key,
        path=f"{_GROUP}/providers/{VAULTS}/{{vaultName}}/keys/{{keyName}}",
        kind=KEYS,
        model=models.KeyCreateParameters,
        names=Names(r"[A-Za-z0-9-]{1,127}"),
        name="keyName",
        replaces=frozenset({"keyName", "vaultName", "resourceGroupName"}),
    ),
)
