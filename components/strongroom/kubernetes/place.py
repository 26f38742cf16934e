"""Where something of Kubernetes is: part of every record of a thing there."""

from dataclasses import dataclass

from strongroom.plan.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPlace:
    """One cluster."""

    cluster: str
    """Its name in the environment file."""
    context: str
    """The context of the caller's kubeconfig that leads there."""
    server: str
    """The address of its API server, as `strongroom.kubernetes.spec.address` writes it."""

    def __str__(self) -> str:
        return self.cluster


def place_of(scope: Scope, cluster: str) -> ClusterPlace:
    """A cluster of the environment. Raises KeyError if it is not declared."""
    declared = scope.environment.clusters[cluster]
    return ClusterPlace(cluster=cluster, context=declared.context, server=declared.server)
