"""The small languages of Azure: ids of tenants and resources, locations, names of vaults and of what is in them."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, WithJsonSchema

from strongroom.spec.names import check_characters, refuse

UUID_PATTERN: Final = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
VAULT_PATTERN: Final = r"^[a-z](-?[a-z0-9])*$"
VAULT_LEAST: Final = 3
VAULT_MOST: Final = 24
"""Characters: Azure, "Naming rules and restrictions for Azure resources", Microsoft.KeyVault vaults."""
OBJECT_MOST: Final = 127
"""Characters in the name of a secret or key: the same page, vaults/secrets."""
_RESOURCE: Final = r"^/subscriptions/[0-9a-f-]{36}/resourceGroups/[A-Za-z0-9._()-]{1,90}/providers/"


def _check_uuid(text: str) -> str:
    lower = check_characters(text.lower(), "the id", UUID_PATTERN, "0-9a-f-", 36)
    return str(UUID(lower))


def _check_location(text: str) -> str:
    # Azure Resource Manager gives and compares them in this form; `West Europe` is for people.
    return check_characters(text, "the location", r"^[a-z][a-z0-9]+$", "a-z0-9", 40)


def _check_resource_group(text: str) -> str:
    # The page has parentheses and letters of all alphabets too; these are what every tool can quote.
    pattern = r"^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_-])?$"
    return check_characters(text, "the resource group", pattern, "A-Za-z0-9._-", 90)


def _check_vault(text: str) -> str:
    if len(text) < VAULT_LEAST:
        raise refuse(f"the vault's name '{text}' is too short", f"write at least {VAULT_LEAST} characters")
    if "--" in text:
        raise refuse(f"the vault's name '{text}' has two hyphens in a row", "write one")
    return check_characters(text, "the vault's name", VAULT_PATTERN, "a-z0-9-", VAULT_MOST)


def _resource(what: str, kind: str) -> Callable[[str], str]:
    """A check for ids of resources of one type, such as `Microsoft.Network/virtualNetworks/*/subnets`."""
    name = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
    pattern = f"{_RESOURCE}{re.escape(kind).replace(re.escape('*'), name)}/{name}$"
    form = f"/subscriptions/…/resourceGroups/…/providers/{kind}/…"

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise refuse(f"{text[:300]!r} is no id of {what}", f"write it as {form}, exactly in that case")
        return text

    return check


def _text(pattern: str, **extra: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, **extra})


Uuid = Annotated[str, AfterValidator(_check_uuid), _text(r"^[0-9A-Fa-f-]{36}$")]
"""Such as `8f1c1d9e-2c6a-4a34-9a0e-1f6f4a1b2c3d`."""
Location = Annotated[str, AfterValidator(_check_location), _text(r"^[a-z][a-z0-9]+$", maxLength=40)]
"""Such as `westeurope`."""
ResourceGroup = Annotated[str, AfterValidator(_check_resource_group), _text(r"^[A-Za-z0-9._-]+$", maxLength=90)]
VaultName = Annotated[
    str, AfterValidator(_check_vault), _text(VAULT_PATTERN, minLength=VAULT_LEAST, maxLength=VAULT_MOST)
]
"""Three to 24 lower-case letters, digits and single hyphens, beginning with a letter. No two vaults of the world have
the same one, as it is a part of their address."""
Cloud = Literal["public", "usgov", "china"]
"""Azure, Azure Government, Azure operated by 21Vianet."""

SubnetId = Annotated[str, AfterValidator(_resource("a subnet", "Microsoft.Network/virtualNetworks/*/subnets"))]
DnsZoneId = Annotated[str, AfterValidator(_resource("a private DNS zone", "Microsoft.Network/privateDnsZones"))]
WorkspaceId = Annotated[
    str, AfterValidator(_resource("a Log Analytics workspace", "Microsoft.OperationalInsights/workspaces"))
]
StorageId = Annotated[str, AfterValidator(_resource("a storage account", "Microsoft.Storage/storageAccounts"))]
EventHubRuleId = Annotated[
    str,
    AfterValidator(
        _resource("an authorization rule of Event Hubs", "Microsoft.EventHub/namespaces/*/authorizationRules")
    ),
]
FunctionAppId = Annotated[str, AfterValidator(_resource("a function app", "Microsoft.Web/sites"))]
