"""What the clusters of an environment have to fit: its auth methods, and the clusters of other environments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from strongroom.external_secrets.operator import references as operator
from strongroom.kubernetes.encryption import references as encryption
from strongroom.kubernetes.secrets import references as secrets
from strongroom.kubernetes.secrets.plan import KIND, name_of
from strongroom.plan.scope import Scope
from strongroom.spec.problems import Problem, did_you_mean

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of the clusters of one environment."""
    methods = sources.in_environment("vault", "auth")
    first: dict[str, str] = {}
    for name, cluster in scope.environment.clusters.items():
        if (same := first.setdefault(cluster.server, name)) != name:
            yield sources.environment.problem(
                ("clusters", name, "server"),
                f"is cluster {same} too: what is made in both would be the same things, made twice",
                "declare a cluster once",
            )
        if cluster.vault_auth and cluster.vault_auth not in methods:
            yield sources.environment.problem(
                ("clusters", name, "vault_auth"),
                f"there is no auth method '{cluster.vault_auth}'",
                did_you_mean(cluster.vault_auth, methods, f"declared: {', '.join(methods) or 'none'}"),
            )
    yield from secrets.check(scope, sources)
    yield from encryption.check(scope, sources)


def namespaces(scope: Scope) -> set[str]:
    """Where the workloads of an environment run, in any of its clusters, and where its Secrets are."""
    logins = (login.runs_as for workload in scope.workloads.values() for login in workload.logins)
    run = {identity.kubernetes.namespace for identity in logins if identity.kubernetes}
    kept = (name_of(scope, key, scope.store_of(scope.secrets[key])[1].value) for key in scope.stored.get(KIND, ()))
    clusters = scope.environment.clusters.values()
    brought = {secret.namespace for cluster in clusters for secret in cluster.secrets.values()}
    return run | {name.partition("/")[0] for name in kept} | brought


def shared(scope: Scope, others: Iterable[Scope], sources: Sources) -> Iterator[Problem]:
    """Clusters that several environments have, where they share a namespace: what runs there is of all of them."""
    elsewhere = list(others)
    yield from encryption.shared(scope, elsewhere, sources)
    yield from operator.shared(scope, elsewhere, sources)
    for name, cluster in scope.environment.clusters.items():
        for other in elsewhere:
            same = cluster.server in {there.server for there in other.environment.clusters.values()}
            both = sorted(namespaces(scope) & namespaces(other)) if same else []
            if both:
                yield sources.environment.problem(
                    ("clusters", name, "server"),
                    f"is a cluster of environment {other.name} too, and both have workloads or secrets in namespace "
                    f"'{both[0]}': each could read the other's secrets",
                    "give each environment a cluster of its own, or namespaces of its own (`{{ environment }}`)",
                )
