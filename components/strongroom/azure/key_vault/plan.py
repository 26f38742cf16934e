"""Azure Key Vault: vaults, keys in them, and the secrets that are kept there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from strongroom.azure.clouds import CLOUDS
from strongroom.azure.key_vault.keys import DAY
from strongroom.azure.key_vault.spec import AzureKeyVault
from strongroom.azure.names import OBJECT_MOST
from strongroom.azure.place import AzurePlace, place_of
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.plan.stored import StoredSecret, stored_in

KIND: Final = "azure_key_vault"
SYSTEM: Final = "azure"
VAULTS: Final = "Microsoft.KeyVault/vaults"
EVENT_DAYS: Final = 30
"""How long before a secret expires Key Vault says so: "Azure Key Vault as Event Grid source"."""
_PATH: Final = re.compile(r"[0-9a-z]+(-[0-9a-z]+)*(/[0-9a-z]+(-[0-9a-z]+)*)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureVault(Record):
    """A vault that this environment makes, its network and its audit events."""

    kind: ClassVar[str] = "azure.key_vault.vault"
    store: str
    place: AzurePlace
    name: str
    sku: str
    soft_delete_days: int
    purge_protection: bool
    public_network_access: bool
    allowed_ips: tuple[str, ...]
    allowed_subnets: tuple[str, ...]
    bypass_azure_services: bool
    private_endpoint_subnet: str | None
    private_dns_zone: str | None
    audit_workspace: str | None
    audit_storage_account: str | None
    audit_event_hub_rule: str | None
    audit_event_hub: str | None
    tags: tuple[tuple[str, str], ...]
    protect: bool

    @property
    def key(self) -> str:
        return self.name

    @property
    def id(self) -> str:
        return self.place.id_of(VAULTS, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureVaultKey(Record):
    """A key of a vault, the environment's own or one that was there before."""

    kind: ClassVar[str] = "azure.key_vault.key"
    store: str
    place: AzurePlace
    vault: str
    name: str
    type: str
    operations: tuple[str, ...]
    rotate_every_days: int | None
    expires_after_days: int | None
    protect: bool

    @property
    def key(self) -> str:
        return f"{self.vault}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureSecret(StoredSecret):
    """A secret of a vault: one JSON object of its fields. `path` is its name. It is no resource, as none exists
    without a value: the values channel makes it."""

    kind: ClassVar[str] = "azure.key_vault.secret"
    place: AzurePlace
    """Where the vault is."""
    vault: str
    expires_after_days: int | None
    """How long a value is said to be good. With a rotator longer than `rotate_every`, by the time before that at which
    Key Vault tells it."""

    @property
    def vault_url(self) -> str:
        return vault_url(self.place, self.vault)

    @property
    def id(self) -> str:
        return secret_id(self.place, self.vault, self.path)


def vault_url(place: AzurePlace, vault: str) -> str:
    """The address of a vault."""
    return f"https://{vault}.{CLOUDS[place.cloud].vault_suffix}"


def secret_id(place: AzurePlace, vault: str, name: str) -> str:
    """The id of a secret, as the scope of a role assignment."""
    return f"{place.id_of(VAULTS, vault)}/secrets/{name}"


def vault_place(scope: Scope, store: AzureKeyVault) -> AzurePlace:
    """Where a store's vault is."""
    place = place_of(scope)
    return replace(
        place,
        subscription=store.subscription or place.subscription,
        resource_group=store.resource_group or place.resource_group,
        location=store.location or place.location,
    )


def name_of(scope: Scope, secret: Key, store: AzureKeyVault) -> str:  # noqa: ARG001  a vault has no prefix
    """The path of a secret; in the vault, each slash is two hyphens."""
    return scope.secret_path(secret)


def in_vault(path: str) -> str:
    """The name of a secret in its vault. No two paths have the same one, as `flaw` refuses two hyphens in a path."""
    return path.replace("/", "--")


def flaw(path: str, fields: tuple[str, ...]) -> tuple[str, str] | None:  # noqa: ARG001  they are within the value
    """What Key Vault does not accept of a name, or does not tell apart."""
    if not _PATH.fullmatch(path):
        return (
            f"'{path}' cannot be a name in Key Vault, which has letters, digits and hyphens and does not tell "
            "capital letters from small ones; slashes become two hyphens",
            "give the secret a `path` of small letters, digits, single hyphens and slashes",
        )
    if len(in_vault(path)) > OBJECT_MOST:
        return (
            f"'{in_vault(path)}' has {len(in_vault(path))} characters, the limit of Key Vault is {OBJECT_MOST}",
            "choose a shorter path",
        )
    return None


def stores(scope: Scope) -> Iterator[tuple[str, AzureKeyVault]]:
    """The stores of this kind by name."""
    for name, store in sorted(scope.environment.stores.items()):
        if store.azure_key_vault:
            yield name, store.azure_key_vault


def plan(scope: Scope) -> Iterator[Record]:
    for name, store in stores(scope):
        if not store.existing:
            yield _vault(scope, name, store)
        yield from _keys(scope, name, store)
    for key, store, common in stored_in(scope, KIND):
        declared = scope.secrets[key]
        days = declared.rotate_every and -(-declared.rotate_every // DAY)
        yield AzureSecret(
            **common,
            place=vault_place(scope, store),
            vault=store.vault,
            path=in_vault(name_of(scope, key, store)),
            expires_after_days=days and days + (EVENT_DAYS if declared.rotator else 0),
        )


def _vault(scope: Scope, name: str, store: AzureKeyVault) -> AzureVault:
    endpoint, audit = store.private_endpoint, store.diagnostics
    return AzureVault(
        slice=PLATFORM,
        store=name,
        place=vault_place(scope, store),
        name=store.vault,
        sku=store.sku,
        soft_delete_days=store.soft_delete_days,
        purge_protection=store.purge_protection,
        public_network_access=store.public_network_access,
        allowed_ips=store.allowed_ips,
        allowed_subnets=store.allowed_subnets,
        bypass_azure_services=store.bypass_azure_services,
        private_endpoint_subnet=endpoint.subnet if endpoint else None,
        private_dns_zone=endpoint.dns_zone if endpoint else None,
        audit_workspace=audit.log_analytics if audit else None,
        audit_storage_account=audit.storage_account if audit else None,
        audit_event_hub_rule=audit.event_hub.authorization_rule if audit and audit.event_hub else None,
        audit_event_hub=audit.event_hub.name if audit and audit.event_hub else None,
        tags=tuple(sorted(store.tags.items())),
        protect=scope.environment.protect,
    )


def _keys(scope: Scope, store_name: str, store: AzureKeyVault) -> Iterator[Record]:
    for name, key in sorted(store.keys.items()):
        yield AzureVaultKey(
            slice=PLATFORM,
            store=store_name,
            place=vault_place(scope, store),
            vault=store.vault,
            name=name,
            type=key.type,
            operations=key.operations or key.possible,
            rotate_every_days=key.rotate_every and key.rotate_every // DAY,
            expires_after_days=key.expires_after and key.expires_after // DAY,
            protect=scope.environment.protect,
        )
