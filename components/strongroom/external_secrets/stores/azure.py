"""Azure Key Vault: the operator shows Entra ID a token of the workload's service account (workload identity)."""

from typing import Any

from strongroom.azure.identity.grants import identity_name
from strongroom.azure.key_vault.plan import vault_place, vault_url
from strongroom.external_secrets.delivered import Delivered
from strongroom.external_secrets.providers import AzureProvider
from strongroom.external_secrets.stores.unreachable import UnreachableError
from strongroom.plan.scope import Scope


def provider(scope: Scope, found: Delivered) -> AzureProvider:
    """What a SecretStore says. Raises UnreachableError."""
    store: Any = scope.store_of(scope.secrets[found.secret])[1].value
    azure = scope.environment.azure
    if azure is None or found.cluster not in azure.identities.clusters:
        raise UnreachableError(
            f"Azure does not know the service accounts of cluster {found.cluster}",
            f"declare `azure.identities.clusters.{found.cluster}` in the environment file",
        )
    place = vault_place(scope, store)
    return AzureProvider(
        vault_url=vault_url(place, store.vault),
        tenant=azure.tenant,
        cloud=place.cloud,
        issuer=azure.identities.clusters[found.cluster].issuer,
        identity=identity_name(scope.name, *found.workload),
        service_account=found.account.service_account,
    )
