"""KV stores of Vault and OpenBao: the operator logs in as the workload, at the auth method that knows the cluster."""

from collections.abc import Mapping
from typing import Final

from strongroom.external_secrets.delivered import Delivered, operator_of
from strongroom.external_secrets.providers import VaultLogin, VaultMethod, VaultProvider
from strongroom.external_secrets.stores.unreachable import UnreachableError
from strongroom.plan import naming
from strongroom.plan.scope import Key, Scope, remembered

_LOGINS: Final[Mapping[str, tuple[str, str]]] = {
    "service_account": ("kubernetes", "a Kubernetes service account"),
    "approle": ("approle", "approle"),
    "certificate": ("certificate", "a certificate"),
}
"""How a cluster's operator logs in at Vault -> the kind of identity, and in words."""
_METHODS: Final[Mapping[str, VaultMethod]] = {
    "kubernetes": "kubernetes", "jwt": "jwt", "approle": "approle", "cert": "cert",
}  # fmt: skip
"""Kind of auth method -> what the operator calls it."""
_BROUGHT: Final = "-vault-login"
"""After the name of a workload: the Secret with which the operator logs in as that workload, which somebody brings."""


def provider(scope: Scope, found: Delivered) -> VaultProvider:
    """What a SecretStore says. Raises UnreachableError."""
    name, store = scope.store_of(scope.secrets[found.secret])
    seen = operator_of(scope, found.cluster).vault
    return VaultProvider(
        server=seen.server,
        namespace=scope.namespace,
        ca_pem=seen.ca_pem,
        ca_config_map=seen.ca_provider.config_map if seen.ca_provider else None,
        ca_key=seen.ca_provider.key if seen.ca_provider else None,
        mount=scope.kv_mount(name),
        version="v2" if store.vault_kv else "v1",
        login=login(scope, found),
    )


def login(scope: Scope, found: Delivered) -> VaultLogin:
    """How the operator of a cluster logs in at Vault as a workload. Raises UnreachableError."""
    return _login(scope, found.cluster, found.workload, found.account.service_account)


@remembered
def _login(scope: Scope, cluster: str, workload: Key, account: str) -> VaultLogin:
    kind, words = _LOGINS[operator_of(scope, cluster).vault.login]
    wanted = scope.environment.clusters[cluster].vault_auth if kind == "kubernetes" else None
    ways = [way for way in scope.workloads[workload].logins if way.runs_as.kind == kind]
    methods = sorted({name for way in ways for name in scope.auth_of(way) if wanted in (None, name)})
    if not methods:
        at = f" at auth method '{wanted}' of cluster {cluster}" if wanted else ""
        raise UnreachableError(
            f"{'/'.join(workload)} does not log in at Vault as {words}{at}",
            f"add such a login with `also`, or an auth method that accepts {kind}",
        )
    if len(methods) > 1:
        raise UnreachableError(
            f"{'/'.join(workload)} logs in at several auth methods as {words}: {', '.join(methods)}",
            f"say which of them knows cluster {cluster}: `clusters.{cluster}.vault_auth`",
        )
    assert scope.environment.vault is not None
    method = scope.environment.vault.auth[methods[0]]
    common = {"mount": scope.auth_mount(methods[0]), "role": naming.role_of(*workload)}
    if kind == "certificate" and operator_of(scope, cluster).api_version == "v1beta1":
        raise UnreachableError(
            f"the operator of cluster {cluster} (v1beta1) names neither mount nor role when it shows a certificate",
            "use `login: service_account` or `approle`, or a newer operator",
        )
    if kind != "kubernetes":
        return VaultLogin(method=_METHODS[method.kind], secret=f"{workload[1]}{_BROUGHT}", **common)
    # One audience is enough, and a token that is for others too would be theirs to use.
    audience = method.value.audience if method.kind == "kubernetes" else method.value.audiences[0]
    return VaultLogin(method=_METHODS[method.kind], service_account=account, audience=audience, **common)


def is_login(scope: Scope, found: Delivered) -> bool:
    """Whether a delivery would bring what the operator logs in with, as whichever workload of the namespace."""
    brought = operator_of(scope, found.cluster).vault.login != "service_account"
    return brought and found.delivery.kubernetes_secret.endswith(_BROUGHT)


def key(scope: Scope, secret: Key) -> str:
    """How the operator names a secret."""
    name, store = scope.store_of(scope.secrets[secret])
    return in_mount(scope.kv_mount(name), scope.secret_path(secret), v2=store.vault_kv is not None)


def in_mount(mount: str, path: str, *, v2: bool) -> str:
    """The key of a secret in a KV mount.

    The operator takes a mount's own name, and `data/` after it, off the beginning of a key: a path that begins with
    that name is written with both, so that what is left is the path.
    """
    if not path.startswith(f"{mount}/"):
        return path
    return f"{mount}/data/{path}" if v2 else f"{mount}/{path}"


def asked(mount: str, key: str, version: str) -> str:
    """The path that the operator asks the server for: External Secrets Operator, "HashiCorp Vault"."""
    if key.startswith(f"{mount}/"):
        key = key.removeprefix(f"{mount}/")
        key = key.removeprefix("data/") if version == "v2" else key
    return f"{mount}/data/{key}" if version == "v2" else f"{mount}/{key}"
