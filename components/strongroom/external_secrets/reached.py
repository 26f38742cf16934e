"""What the operator reads of a secret: behind which store, as whom, and by which names. Pure.

A store is always read as the workload itself: its policy is derived from its grants, so that a SecretStore reaches what
the workload may read, and nothing more.
"""

from collections.abc import Callable, Mapping
from typing import Final

from strongroom.aws.parameter_store import plan as parameter_store
from strongroom.aws.secrets_manager import plan as secrets_manager
from strongroom.azure.key_vault import plan as key_vault
from strongroom.external_secrets.delivered import Delivered
from strongroom.external_secrets.providers import Provider
from strongroom.external_secrets.stores import aws, azure, gcp, kubernetes, vault
from strongroom.gcp.secret_manager import plan as secret_manager
from strongroom.kubernetes.secrets import plan as kubernetes_secrets
from strongroom.plan.scope import Key, Scope

_PROVIDERS: Final[Mapping[str, Callable[[Scope, Delivered], Provider]]] = {
    "vault_kv": vault.provider,
    "vault_kv_v1": vault.provider,
    secrets_manager.KIND: aws.provider,
    parameter_store.KIND: aws.provider,
    key_vault.KIND: azure.provider,
    secret_manager.KIND: gcp.provider,
    kubernetes_secrets.KIND: kubernetes.provider,
}
"""Kind of store -> what a SecretStore says of it."""


def provider_of(scope: Scope, found: Delivered) -> Provider:
    """What the SecretStore of a delivery says. Raises UnreachableError."""
    return _PROVIDERS[scope.store_of(scope.secrets[found.secret])[1].kind](scope, found)


def keys_of(scope: Scope, secret: Key) -> tuple[str, dict[str, tuple[str, str | None]]]:
    """The key of the whole secret as the operator names it, and for each field its key and property."""
    store = scope.store_of(scope.secrets[secret])[1]
    fields = scope.secrets[secret].fields
    match store.kind:
        case parameter_store.KIND:
            path = parameter_store.name_of(scope, secret, store.value)
            return path, {field: (f"{path}/{field}", None) for field in fields}
        case secrets_manager.KIND:
            key = secrets_manager.name_of(scope, secret, store.value)
        case key_vault.KIND:
            key = key_vault.in_vault(key_vault.name_of(scope, secret, store.value))
        case secret_manager.KIND:
            key = secret_manager.secret_id(secret_manager.name_of(scope, secret, store.value))
        case kubernetes_secrets.KIND:
            key = kubernetes.key(scope, secret)
        case _:
            key = vault.key(scope, secret)
    return key, {field: (key, field) for field in fields}
