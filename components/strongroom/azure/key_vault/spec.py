"""What people write about a store in Azure Key Vault."""

from ipaddress import IPv4Network, ip_network
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.azure.key_vault.keys import AzureKey
from strongroom.azure.names import (
    DnsZoneId,
    EventHubRuleId,
    Location,
    ResourceGroup,
    StorageId,
    SubnetId,
    Uuid,
    VaultName,
    WorkspaceId,
)
from strongroom.spec.model import Model, StrictBool, StrictInt
from strongroom.spec.names import Name, check_characters, refuse

IP_RULES_MOST: Final = 1000
SUBNET_RULES_MOST: Final = 200
"""Azure Key Vault, "Configure network security": rules of one vault."""
TAGS_MOST: Final = 40
"""Azure, "Use tags to organize your Azure resources", has 50; some are ours."""


def _check_public(text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError:
        raise refuse(f"{text[:60]!r} is no network", "write it as 20.30.40.0/24, without host bits") from None
    # Azure Key Vault, "Configure network security": public addresses of version 4 only.
    if not isinstance(network, IPv4Network) or not network.is_global or network.prefixlen == 0:
        raise refuse(
            f"{text} is not public, or not version 4, and Key Vault's rules know no other addresses",
            "name a subnet in `allowed_subnets`, or make a `private_endpoint`",
        )
    return str(network)


def _check_tag(text: str) -> str:
    # The characters that no resource type refuses; the prefix is that of tags of our own.
    if text.startswith("strongroom:"):
        raise refuse("tags that begin with 'strongroom:' are Strongroom's own", "choose another name")
    return check_characters(text, "the tag", r"^[A-Za-z0-9_.: -]+$", "A-Za-z0-9_.: -", 256)


Tag = Annotated[str, AfterValidator(_check_tag)]
PublicNetwork = Annotated[str, AfterValidator(_check_public)]


class PrivateEndpoint(Model):
    """An address of the vault within a network."""

    subnet: SubnetId
    """The subnet that it is in."""
    dns_zone: DnsZoneId
    """The zone in which clients find it: `privatelink.vaultcore.azure.net`, or that of the environment's cloud."""


class EventHub(Model):
    """An event hub that is sent what happens."""

    authorization_rule: EventHubRuleId
    """A rule of its namespace that may send."""
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,255}$")]
    """The hub."""


class Diagnostics(Model):
    """Where Key Vault's own record of who did what goes (`AuditEvent`); one or more."""

    log_analytics: WorkspaceId | None = None
    """A Log Analytics workspace."""
    storage_account: StorageId | None = None
    """A storage account."""
    event_hub: EventHub | None = None
    """An event hub."""

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not (self.log_analytics or self.storage_account or self.event_hub):
            raise refuse("names no destination", "name log_analytics, storage_account or event_hub")
        return self


class AzureKeyVault(Model):
    """A vault of the environment's own. Each secret in it is one JSON object of its fields; who may do what with it,
    follows from grants (RBAC), never from access policies, with which whoever may write to the vault's settings could
    grant themselves everything."""

    vault: VaultName
    """Its name, which no other vault of Azure has: a part of its address."""
    existing: StrictBool = False
    """Whether it was there before. Its settings are then nobody's business here; it has to use RBAC."""
    subscription: Uuid | None = None
    """The subscription that it is in, of the environment's tenant. Default: the environment's. A subscription has room
    for 4,000 role assignments, one for each grant on a secret."""
    resource_group: ResourceGroup | None = None
    """The resource group that it is in, which is there already. Default: that of `azure`."""
    location: Location | None = None
    """Where it is, such as `northeurope`: what it tells of itself is told there, also by one that exists. Default: that
    of `azure`."""
    sku: Literal["standard", "premium"] = "standard"
    """`premium` for keys in hardware (`-hsm`)."""
    soft_delete_days: Annotated[StrictInt, Field(ge=7, le=90)] = 90
    """How long what was deleted can be restored, the vault itself too. It can never be changed."""
    purge_protection: StrictBool = True
    """Whether nobody can end that time early. Once true it can never be false again."""
    public_network_access: StrictBool = True
    """Whether it has a public address at all. Through that it lets nobody in but `allowed_ips`, `allowed_subnets` and
    with `bypass_azure_services` services of Azure."""
    allowed_ips: Annotated[tuple[PublicNetwork, ...], Field(max_length=IP_RULES_MOST)] = ()
    """Public networks, such as `20.30.40.0/24`, that reach it."""
    allowed_subnets: Annotated[tuple[SubnetId, ...], Field(max_length=SUBNET_RULES_MOST)] = ()
    """Subnets with the service endpoint `Microsoft.KeyVault` that reach it."""
    bypass_azure_services: StrictBool = False
    """Whether Azure's "trusted services" reach it, of whichever customer: each still needs a role. Event Grid and
    Disk Encryption are among them."""
    private_endpoint: PrivateEndpoint | None = None
    """An address of it within a network."""
    diagnostics: Diagnostics | None = None
    """Where its audit events go. Default: nowhere."""
    tags: Annotated[dict[Tag, Annotated[str, Field(max_length=256)]], Field(max_length=TAGS_MOST)] = Field(
        default_factory=dict
    )
    """Tags."""
    keys: dict[Name, AzureKey] = Field(default_factory=dict)
    """Keys in it, by name."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        others = sorted(
            self.model_fields_set - {"vault", "existing", "subscription", "resource_group", "location", "keys"}
        )
        if self.existing and others:
            raise refuse(f"the vault exists, and {others[0]} is up to whoever made it", "leave it out")
        if not self.public_network_access and (self.allowed_ips or self.allowed_subnets):
            raise refuse(
                "without public_network_access Key Vault ignores allowed_ips and allowed_subnets",
                "leave them out, or write `public_network_access: true`",
            )
        if not self.public_network_access and not self.private_endpoint:
            raise refuse(
                "without public_network_access and without private_endpoint nobody reaches it",
                "make a `private_endpoint`",
            )
        if self.sku == "standard" and (hsm := [name for name, key in self.keys.items() if key.in_hardware]):
            raise refuse(f"key {hsm[0]} is in hardware, which only a premium vault has", "write `sku: premium`")
        return self
