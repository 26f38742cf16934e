"""From a SecretStore in Vault to the value: the role, whom it admits, what its policies allow, the secret."""

from collections.abc import Iterator, Mapping
from typing import Final

from strongroom.external_secrets.generators.records import VaultDynamicSecret
from strongroom.external_secrets.providers import VaultLogin, VaultProvider
from strongroom.external_secrets.reachability.records import Missing, Records
from strongroom.external_secrets.records import ExternalSecret
from strongroom.external_secrets.stores.vault import asked
from strongroom.plan.stored import StoredSecret
from strongroom.vault.auth.approle.plan import AppRoleRole
from strongroom.vault.auth.cert.plan import CertRole
from strongroom.vault.auth.jwt.plan import JwtRole
from strongroom.vault.auth.kubernetes.plan import KubernetesRole
from strongroom.vault.auth.login_role import LoginRole
from strongroom.vault.kv.plan import KvSecret
from strongroom.vault.kv_v1.plan import KvV1Secret

_KINDS: Final[Mapping[str, type[LoginRole]]] = {
    "kubernetes": KubernetesRole,
    "jwt": JwtRole,
    "approle": AppRoleRole,
    "cert": CertRole,
}


def follow(
    records: Records, provider: VaultProvider, secret: ExternalSecret, stored: StoredSecret
) -> Iterator[Missing]:
    """What is missing."""
    paths = sorted({asked(provider.mount, key, provider.version) for key in secret.keys})
    yield from _identity(records, provider.login, secret.namespace, dict.fromkeys(paths, "read"))
    for path in paths:
        if path != _path(stored):
            yield (
                f"{path} is not where {secret.secret} is kept, which is {_path(stored) or stored.path}",
                "deliver it from its own store",
            )


def follow_generated(records: Records, source: VaultDynamicSecret, secret: ExternalSecret) -> Iterator[Missing]:
    """The same for what the server makes on demand."""
    path = source.path.strip("/")
    capability = "read" if source.method == "GET" else "update"
    yield from _identity(records, source.provider.login, secret.namespace, {path: capability})
    within, _, name = path.rpartition("/")
    mount = within.rpartition("/")[0]
    if mount in records.engines and name not in records.engines[mount]:
        yield f"there is nothing called {name} in {mount}", "declare the secret"


def _identity(records: Records, login: VaultLogin, namespace: str, wanted: Mapping[str, str]) -> Iterator[Missing]:
    """What is missing of the role, whom it admits, and what its policies allow: `wanted` is path -> capability."""
    role = records.login_roles.get((login.mount, login.role))
    if role is None or not isinstance(role, _KINDS[login.method]):
        yield f"there is no role {login.role} of method {login.method} at auth/{login.mount}", "it follows from a grant"
        return
    yield from _admitted(role, login, namespace)
    for name in role.policies:
        if name not in records.policies:
            yield f"role {login.role} names policy {name}, which is not there", "declare it under `vault.policies`"
    acl = records.acl(role.policies)
    for path, capability in wanted.items():
        if not acl.allows(capability, path):
            rule = acl.winner(path)
            why = f"{rule.path} decides about it" if rule else "no rule matches it"
            yield f"the policies of role {login.role} do not allow to {capability} {path}: {why}", "grant the secret"


def _admitted(role: LoginRole, login: VaultLogin, namespace: str) -> Iterator[Missing]:
    """Whether the role admits exactly the token that the operator shows."""
    account = f"service account {namespace}/{login.service_account}"
    if isinstance(role, KubernetesRole):
        if (role.namespace, role.service_account) != (namespace, login.service_account):
            yield (
                f"role {role.name} admits {role.namespace}/{role.service_account}, not {account}",
                "let the workload run as that account",
            )
        audiences: tuple[str, ...] = (role.audience,)
    elif isinstance(role, JwtRole):
        subject = f"system:serviceaccount:{namespace}:{login.service_account}"
        if role.subject != subject or role.claims:
            yield (
                f"role {role.name} admits {role.subject}, not {account}",
                "let the workload run as that account",
            )
        audiences = role.audiences
    else:
        return
    if login.audience not in audiences:
        yield (
            f"role {role.name} admits tokens for {', '.join(audiences)}, not for {login.audience}",
            "show it one for an audience of the auth method",
        )


def _path(stored: StoredSecret) -> str | None:
    """Where the server has a secret; None: it is kept elsewhere."""
    if isinstance(stored, KvSecret):
        return f"{stored.mount}/data/{stored.path}"
    return f"{stored.mount}/{stored.path}" if isinstance(stored, KvV1Secret) else None
