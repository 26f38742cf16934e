"""Which deliveries there are in one environment, to which clusters, and as which service account. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from strongroom.external_secrets.delivery import Delivery
from strongroom.external_secrets.generators.reference import VERBS
from strongroom.external_secrets.spec import ExternalSecrets
from strongroom.kubernetes.secrets.plan import name_of
from strongroom.plan.scope import Key, Scope, qualified, remembered
from strongroom.spec.identity import Kubernetes
from strongroom.spec.problems import Loc


@dataclass(frozen=True)
class Delivered:
    """One delivery to one cluster."""

    delivery: Delivery
    position: int
    """Its place in the list of its team, for error messages."""
    cluster: str
    workload: Key
    secret: Key
    account: Kubernetes
    """As what the workload runs there."""

    @property
    def searches(self) -> bool:
        """Whether the operator searches for the secret's fields, and does not ask for each."""
        return self.delivery.data_from is not None and self.delivery.data_from.find is not None

    @property
    def loc(self) -> Loc:
        return ("deliveries", self.position)


def operator_of(scope: Scope, cluster: str) -> ExternalSecrets:
    """What the environment file says of the operator of a cluster that has one."""
    found = scope.environment.clusters[cluster].external_secrets
    assert found is not None
    return found


def store_name(scope: Scope, found: Delivered) -> str:
    """The name of the SecretStore of a delivery: one for each workload and store and, in a cluster, namespace of it."""
    if found.delivery.secret_store:
        return found.delivery.secret_store
    secret = scope.secrets[found.secret]
    name, store = scope.store_of(secret)
    within = ""
    if store.kubernetes_secrets:
        within = f"-{name_of(scope, found.secret, store.kubernetes_secrets).partition('/')[0]}"
    return f"{found.workload[1]}-{name}{within}"


def clusters_of(scope: Scope, delivery: Delivery) -> list[str]:
    """The clusters that a delivery is for: those it names, or all of the environment with the operator."""
    served = [name for name, cluster in sorted(scope.environment.clusters.items()) if cluster.external_secrets]
    return [name for name in served if delivery.clusters is None or name in delivery.clusters]


def accounts_of(scope: Scope, cluster: str, workload: Key) -> list[Kubernetes]:
    """The service accounts as which a workload may run in a cluster, each once; a sound delivery has exactly one.

    Where the workload has several, the cluster's `vault_auth` tells which of them is known there.
    """
    logins = [login for login in scope.workloads[workload].logins if login.runs_as.kubernetes]
    method = scope.environment.clusters[cluster].vault_auth
    known = [login for login in logins if method and method in scope.auth_of(login)]
    accounts = [login.runs_as.kubernetes for login in known or logins]
    return list(dict.fromkeys(account for account in accounts if account))


def granted(scope: Scope, workload: Key, secret: Key) -> bool:
    """Whether a workload may read a secret, or be issued it."""
    verb = VERBS.get(scope.secrets[secret].kind, "read")
    return any(grant.secret == secret and verb in grant.can for grant in scope.grants_of[workload])


@remembered
def delivered(scope: Scope) -> tuple[Delivered, ...]:
    """All deliveries that hold here and refer to what exists here, in the order of teams, positions and clusters."""
    return tuple(_delivered(scope))


@remembered
def by_workload(scope: Scope) -> dict[Key, list[Delivered]]:
    """The same by workload."""
    found: dict[Key, list[Delivered]] = {}
    for one in delivered(scope):
        found.setdefault(one.workload, []).append(one)
    return found


def _delivered(scope: Scope) -> Iterator[Delivered]:
    for team, catalog in sorted(scope.catalogs.items()):
        for position, delivery in enumerate(catalog.deliveries):
            workload, secret = (team, delivery.workload), qualified(team, delivery.secret)
            if not delivery.exists_in(scope.name) or workload not in scope.workloads or secret not in scope.secrets:
                continue
            for cluster in clusters_of(scope, delivery):
                accounts = accounts_of(scope, cluster, workload)
                if len(accounts) == 1:
                    yield Delivered(delivery, position, cluster, workload, secret, accounts[0])
