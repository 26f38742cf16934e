"""A vault of Azure as a component: with its keys, its network and its audit events."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_azure_native as azure_native

from strongroom.azure import provider
from strongroom.azure.key_vault.plan import AzureVault
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf


class AzureKeyVaultArgs(TypedDict):
    """A vault. Rights are given by Azure RBAC only, and its network lets nobody in who is not named."""

    name: str
    """Its name, which no other vault of Azure has. A change makes another vault."""
    resource_group: str
    """The resource group. A change makes another vault."""
    location: str
    """The location. A change makes another vault."""
    tenant_id: str
    """The Entra ID tenant whose identities may be given rights."""
    sku: NotRequired[str]
    """`standard` or `premium`. Default `standard`."""
    soft_delete_days: NotRequired[int]
    """How long what was deleted can be restored, 7 to 90 days; Azure refuses a change. Default 90."""
    purge_protection: NotRequired[bool]
    """Whether nobody can end that time early; Azure refuses to take it back. Default true."""
    public_network_access: NotRequired[bool]
    """Whether it has a public address. Default true."""
    allowed_ips: NotRequired[list[str]]
    """Public networks that reach it. Default: none."""
    allowed_subnets: NotRequired[list[str]]
    """Ids of subnets that reach it. Default: none."""
    bypass_azure_services: NotRequired[bool]
    """Whether Azure's trusted services reach it. Default false."""
    private_endpoint_subnet: NotRequired[str]
    """Id of the subnet of a private endpoint. Default: no private endpoint."""
    private_dns_zone: NotRequired[str]
    """Id of the zone that has the endpoint's address. Default: none."""
    audit_workspace: NotRequired[str]
    """Id of a Log Analytics workspace for audit events. Default: none."""
    audit_storage_account: NotRequired[str]
    """Id of a storage account for audit events. Default: none."""
    audit_event_hub_rule: NotRequired[str]
    """Id of an authorization rule of Event Hubs for audit events. Default: none."""
    audit_event_hub: NotRequired[str]
    """The event hub. Default: one named by Azure."""
    tags: NotRequired[dict[str, str]]
    """Tags. Default: none."""
    protect_data: NotRequired[bool]
    """Whether it is protected from deletion and replacement. Default true."""


class AzureKeyVault(pulumi.ComponentResource):
    """A vault of Azure. Secrets in it are no resources: none exists without a value, which would be in the state."""

    vault_id: pulumi.Output[str]
    """Its id."""
    vault_uri: pulumi.Output[str]
    """Its address."""

    def __init__(self, name: str, args: AzureKeyVaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AzureKeyVault", name, None, opts)
        self.vault = azure_native.keyvault.Vault(
            f"{name}-vault",
            vault_name=args["name"],
            resource_group_name=args["resource_group"],
            location=args["location"],
            properties=_properties(args),
            tags=args.get("tags"),
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        self._endpoint(name, args)
        self._audit(name, args)
        self.vault_id = self.vault.id
        self.vault_uri = self.vault.properties.apply(lambda properties: properties.vault_uri)
        self.register_outputs({"vault_id": self.vault_id, "vault_uri": self.vault_uri})

    def _endpoint(self, name: str, args: AzureKeyVaultArgs) -> None:
        if not (subnet := args.get("private_endpoint_subnet")):
            return
        endpoint = azure_native.network.PrivateEndpoint(
            f"{name}-endpoint",
            private_endpoint_name=f"{args['name']}-endpoint",
            resource_group_name=args["resource_group"],
            location=args["location"],
            subnet={"id": subnet},
            private_link_service_connections=[
                {"name": args["name"], "private_link_service_id": self.vault.id, "group_ids": ["vault"]}
            ],
            tags=args.get("tags"),
            opts=leaf(self),
        )
        if zone := args.get("private_dns_zone"):
            azure_native.network.PrivateDnsZoneGroup(
                f"{name}-zone",
                private_dns_zone_group_name="vault",
                private_endpoint_name=f"{args['name']}-endpoint",
                resource_group_name=args["resource_group"],
                private_dns_zone_configs=[{"name": "vault", "private_dns_zone_id": zone}],
                opts=leaf(self, depends_on=[endpoint]),
            )

    def _audit(self, name: str, args: AzureKeyVaultArgs) -> None:
        if any(args.get(where) for where in ("audit_workspace", "audit_storage_account", "audit_event_hub_rule")):
            azure_native.monitor.DiagnosticSetting(
                f"{name}-audit",
                name="strongroom-audit",
                resource_uri=self.vault.id,
                workspace_id=args.get("audit_workspace"),
                storage_account_id=args.get("audit_storage_account"),
                event_hub_authorization_rule_id=args.get("audit_event_hub_rule"),
                event_hub_name=args.get("audit_event_hub"),
                logs=[{"category": "AuditEvent", "enabled": True}],
                opts=leaf(self),
            )


def _properties(args: AzureKeyVaultArgs) -> azure_native.keyvault.VaultPropertiesArgs:
    allowed = args.get("public_network_access", True)
    return azure_native.keyvault.VaultPropertiesArgs(
        tenant_id=args["tenant_id"],
        sku=azure_native.keyvault.SkuArgs(family="A", name=azure_native.keyvault.SkuName(args.get("sku", "standard"))),
        enable_rbac_authorization=True,
        enable_soft_delete=True,
        soft_delete_retention_in_days=args.get("soft_delete_days", 90),
        # Azure refuses false: what is left out is off, and only until it is on.
        enable_purge_protection=args.get("purge_protection", True) or None,
        enabled_for_deployment=False,
        enabled_for_disk_encryption=False,
        enabled_for_template_deployment=False,
        public_network_access="Enabled" if allowed else "Disabled",
        network_acls=azure_native.keyvault.NetworkRuleSetArgs(
            default_action="Deny",
            bypass="AzureServices" if args.get("bypass_azure_services") else "None",
            ip_rules=[azure_native.keyvault.IPRuleArgs(value=network) for network in args.get("allowed_ips", [])],
            virtual_network_rules=[
                azure_native.keyvault.VirtualNetworkRuleArgs(id=subnet) for subnet in args.get("allowed_subnets", [])
            ],
        ),
    )


def deploy(plan: Plan, stage: Stage) -> None:
    """The vaults of a plan."""
    for record in plan.of(AzureVault):
        component = AzureKeyVault(
            f"{plan.environment}-{record.store}", _args(plan.environment, record), provider.options(stage, record.place)
        )
        stage.azure_vaults[record.name] = component.vault


def _args(environment: str, record: AzureVault) -> AzureKeyVaultArgs:
    args: AzureKeyVaultArgs = {
        "name": record.name,
        "resource_group": record.place.resource_group,
        "location": record.place.location,
        "tenant_id": record.place.tenant,
        "sku": record.sku,
        "soft_delete_days": record.soft_delete_days,
        "purge_protection": record.purge_protection,
        "public_network_access": record.public_network_access,
        "allowed_ips": list(record.allowed_ips),
        "allowed_subnets": list(record.allowed_subnets),
        "bypass_azure_services": record.bypass_azure_services,
        "tags": {"strongroom:environment": environment, **dict(record.tags)},
        "protect_data": record.protect,
    }
    optional = {
        "private_endpoint_subnet": record.private_endpoint_subnet,
        "private_dns_zone": record.private_dns_zone,
        "audit_workspace": record.audit_workspace,
        "audit_storage_account": record.audit_storage_account,
        "audit_event_hub_rule": record.audit_event_hub_rule,
        "audit_event_hub": record.audit_event_hub,
    }
    args.update({name: value for name, value in optional.items() if value})  # type: ignore[typeddict-item]
    return args
