"""From a SecretStore in Azure to the value: the managed identity, whose tokens it trusts, its role on the secret."""

from collections.abc import Iterator

from strongroom.azure.identity.grants import SECRETS_OFFICER, SECRETS_USER
from strongroom.azure.key_vault.plan import AzureSecret
from strongroom.external_secrets.providers import AzureProvider
from strongroom.external_secrets.reachability.records import Missing, Records
from strongroom.external_secrets.records import ExternalSecret
from strongroom.plan.stored import StoredSecret

_READ = {SECRETS_USER, SECRETS_OFFICER}


def follow(
    records: Records, provider: AzureProvider, secret: ExternalSecret, stored: StoredSecret
) -> Iterator[Missing]:
    """What is missing."""
    identity = records.azure_identities.get(provider.identity)
    if identity is None:
        yield (
            f"there is no managed identity {provider.identity}",
            "it follows from a grant on a secret that Azure keeps",
        )
        return
    subject = f"system:serviceaccount:{secret.namespace}:{provider.service_account}"
    if (provider.issuer, subject) not in {(trusted.issuer, trusted.subject) for trusted in identity.credentials}:
        yield (
            f"identity {identity.name} does not trust {subject} of {provider.issuer}",
            "declare the cluster in `azure.identities.clusters`",
        )
    account = records.accounts.get((secret.place.cluster, secret.namespace, provider.service_account))
    if account and account.azure_identity != identity.key:
        yield (
            f"service account {secret.namespace}/{account.name} does not name identity {identity.name}",
            "give each workload an account of its own",
        )
    if not records.azure_roles.get((identity.name, secret.secret), set()) & _READ:
        yield f"identity {identity.name} has no role that reads {secret.secret}", "grant `read` on the secret"
    if not isinstance(stored, AzureSecret) or stored.vault_url != provider.vault_url:
        yield f"{secret.secret} is not kept in {provider.vault_url}", "deliver it from its own store"
        return
    for key in sorted(set(secret.keys) - {stored.path}):
        yield f"{key} is not where {secret.secret} is kept, which is {stored.path}", "deliver it from its own store"
