"""What a catalog cannot tell about its tokens: whether there is the cluster, and the team is given the namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.plan.scope import Scope
from strongroom.spec.problems import Problem, did_you_mean
from strongroom.vault.kubernetes_engine.plan import clusters_of

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    """The problems of one team's tokens in one environment."""
    source, clusters = sources.catalogs[team], clusters_of(scope)
    names = sources.in_environment("vault", "engines", "kubernetes", "clusters")
    for name, secret in scope.catalogs[team].secrets.items():
        if (wanted := secret.kubernetes_token) is None or not secret.exists_in(scope.name):
            continue
        if wanted.cluster not in names:
            yield source.problem(
                ("secrets", name, "kubernetes_token", "cluster"),
                f"there is no cluster '{wanted.cluster}' in {scope.name}",
                did_you_mean(
                    wanted.cluster,
                    names,
                    "declare it under `vault.engines.kubernetes.clusters` of the environment file, "
                    "or limit `environments`",
                ),
            )
        if (cluster := clusters.get(wanted.cluster)) is None:
            continue
        given = cluster.namespaces.get(team, ())
        for position, namespace in enumerate(wanted.namespaces):
            if namespace not in given:
                yield source.problem(
                    ("secrets", name, "kubernetes_token", "namespaces", position),
                    f"team {team} may have no token for namespace '{namespace}' of {wanted.cluster} in {scope.name}",
                    f"its namespaces in the environment file: {', '.join(given) or 'none'}",
                )
