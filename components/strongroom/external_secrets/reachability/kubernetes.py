"""From a SecretStore in a cluster to the value: the Role that names the Secret, and who has it."""

from collections.abc import Iterator

from strongroom.external_secrets.providers import KubernetesProvider
from strongroom.external_secrets.reachability.records import Missing, Records
from strongroom.external_secrets.records import ExternalSecret
from strongroom.kubernetes.access.grants import Account
from strongroom.kubernetes.secrets.plan import KubernetesSecret
from strongroom.plan.stored import StoredSecret


def follow(
    records: Records, provider: KubernetesProvider, secret: ExternalSecret, stored: StoredSecret
) -> Iterator[Missing]:
    """What is missing."""
    cluster = secret.place.cluster
    account = Account(secret.namespace, provider.service_account)
    roles = [role for role in records.secret_roles[cluster, provider.namespace] if account in role.accounts]
    named = {name for role in roles for rule in role.rules if "get" in rule.verbs for name in rule.names}
    for key in sorted(set(secret.keys) - named):
        yield f"no Role lets {account} get Secret {provider.namespace}/{key}", "grant `read` on the secret"
    for key in sorted(set(secret.keys)):
        kept = isinstance(stored, KubernetesSecret) and stored.place.cluster == cluster
        if not kept or stored.path != f"{provider.namespace}/{key}":
            yield (
                f"{provider.namespace}/{key} of cluster {cluster} is not where {secret.secret} is kept",
                "deliver it from its own store",
            )
