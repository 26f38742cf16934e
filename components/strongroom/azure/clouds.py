"""What differs between Azure's clouds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from strongroom.azure.names import Cloud


@dataclass(frozen=True, kw_only=True)
class AzureCloud:
    """One of them, by Azure, "Key Vault keys, secrets, certificates overview" and "National clouds"."""

    vault_suffix: str
    """Below which vaults have their addresses."""
    private_zone: str
    """The DNS zone of private endpoints of vaults."""
    authority: str
    """Where Entra ID gives tokens."""
    provider_environment: str
    """Its name for pulumi-azure-native."""


CLOUDS: Final[Mapping[Cloud, AzureCloud]] = {
    "public": AzureCloud(
        vault_suffix="vault.azure.net",
        private_zone="privatelink.vaultcore.azure.net",
        authority="login.microsoftonline.com",
        provider_environment="public",
    ),
    "usgov": AzureCloud(
        vault_suffix="vault.usgovcloudapi.net",
        private_zone="privatelink.vaultcore.usgovcloudapi.net",
        authority="login.microsoftonline.us",
        provider_environment="usgovernment",
    ),
    "china": AzureCloud(
        vault_suffix="vault.azure.cn",
        private_zone="privatelink.vaultcore.azure.cn",
        authority="login.chinacloudapi.cn",
        provider_environment="china",
    ),
}
