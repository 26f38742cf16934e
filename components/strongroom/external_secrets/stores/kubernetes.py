"""Kubernetes Secrets of another namespace of the cluster: the operator asks the API server as the workload's service
account, which may get the granted ones by name."""

from typing import Any

from strongroom.external_secrets.delivered import Delivered
from strongroom.external_secrets.providers import KubernetesProvider
from strongroom.external_secrets.stores.unreachable import UnreachableError
from strongroom.kubernetes.secrets.plan import name_of
from strongroom.plan.scope import Key, Scope


def provider(scope: Scope, found: Delivered) -> KubernetesProvider:
    """What a SecretStore says. Raises UnreachableError."""
    store: Any = scope.store_of(scope.secrets[found.secret])[1].value
    namespace, _, name = name_of(scope, found.secret, store).partition("/")
    if store.cluster != found.cluster:
        raise UnreachableError(
            f"{'/'.join(found.secret)} is kept in cluster {store.cluster}, which takes no tokens of {found.cluster}",
            "limit the delivery's `clusters`, or keep the secret in a store outside of both",
        )
    if (namespace, name) == (found.account.namespace, found.delivery.kubernetes_secret):
        raise UnreachableError(
            f"{namespace}/{name} is that Secret itself", "mount it as it is, or deliver it by another name"
        )
    return KubernetesProvider(namespace=namespace, service_account=found.account.service_account)


def key(scope: Scope, secret: Key) -> str:
    """How the operator names a secret."""
    return name_of(scope, secret, scope.store_of(scope.secrets[secret])[1].value).partition("/")[2]
