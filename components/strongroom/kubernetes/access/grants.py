"""What the grants of an environment say about Kubernetes Secrets: which service account may do what with which."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from strongroom.external_secrets import delivered
from strongroom.kubernetes.secrets.plan import KIND, name_of
from strongroom.plan.scope import GrantInScope, Key, Scope, remembered

VERBS: Final = {"read": ("get",), "write": ("patch", "update")}
"""A grant's verb -> those of RBAC that it needs. `create` cannot be limited to a name, and `list` and `watch` only for
who asks for one: Kubernetes, "Using RBAC Authorization", referring to resources."""


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """A service account."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """Verbs of RBAC on one Secret."""

    cluster: str
    namespace: str
    secret: str
    verbs: frozenset[str]


@remembered
def kept(scope: Scope) -> frozenset[Key]:
    """The secrets that are kept in a cluster of the environment."""
    return frozenset(scope.stored.get(KIND, ()))


@remembered
def granted(scope: Scope) -> tuple[GrantInScope, ...]:
    """The grants on those."""
    return tuple(grant for grant in scope.grants if grant.secret in kept(scope))


def cluster_of(scope: Scope, secret: Key) -> str:
    """The cluster that keeps a secret."""
    return str(scope.store_of(scope.secrets[secret])[1].value.cluster)


@remembered
def accounts_of(scope: Scope, workload: Key, cluster: str) -> tuple[Account, ...]:
    """The service accounts as which a workload runs in a cluster."""
    found = delivered.accounts_of(scope, cluster, workload)
    return tuple(sorted(Account(account.namespace, account.service_account) for account in found))


def rights_of(scope: Scope, workload: Key) -> Iterator[Right]:
    """What a workload may do with Secrets that are kept in clusters."""
    for grant in scope.grants_of[workload]:
        if grant.secret in kept(scope):
            store = scope.store_of(scope.secrets[grant.secret])[1].value
            namespace, _, name = name_of(scope, grant.secret, store).partition("/")
            verbs = frozenset(verb for can in grant.can for verb in VERBS.get(can, ()))
            yield Right(cluster=store.cluster, namespace=namespace, secret=name, verbs=verbs)
