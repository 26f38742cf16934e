"""What an operator has to fit: the version of the manifests, and where what it is to serve is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from strongroom.external_secrets.delivered import delivered
from strongroom.external_secrets.generators.plan import generated_in
from strongroom.external_secrets.operator.plan import operators
from strongroom.external_secrets.push.plan import account_of
from strongroom.external_secrets.push.pushed import pushed
from strongroom.plan.scope import Scope
from strongroom.spec.problems import Problem

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of the operators of one environment."""
    for cluster, operator in operators(scope):
        loc = ("clusters", cluster, "external_secrets")
        seen = scope.environment.clusters[cluster].external_secrets
        if seen and seen.api_version != "v1":
            yield sources.environment.problem(
                (*loc, "api_version"),
                f"the operator of chart {operator.chart_version} serves no {seen.api_version}",
                "leave it out: `strongroom migrate-eso` rewrites manifests that are there",
            )
        if operator.watch:
            for what, namespace in sorted(set(_served(scope, cluster))):
                if namespace != operator.watch:
                    yield sources.environment.problem(
                        (*loc, "operator", "watch"),
                        f"the operator serves namespace {operator.watch} only, and {what} is for namespace {namespace}",
                        "leave out `watch`, or deliver it to another cluster",
                    )


def shared(scope: Scope, others: Iterable[Scope], sources: Sources) -> Iterator[Problem]:
    """What a cluster has once: an operator, and stores that the namespaces of another environment could use."""
    elsewhere = [(other, _servers(other)) for other in others]
    for cluster, declared in sorted(scope.environment.clusters.items()):
        seen = declared.external_secrets
        for other, servers in elsewhere if seen else ():
            there = servers.get(declared.server.rstrip("/"))
            if there is None:
                continue
            loc = ("clusters", cluster, "external_secrets")
            theirs = other.environment.clusters[there].external_secrets
            if seen and seen.operator and theirs and theirs.operator:
                yield sources.environment.problem(
                    (*loc, "operator"),
                    f"environment {other.name} installs an operator in this cluster too, which has it once",
                    "declare it in one of them",
                )
            if seen and seen.cluster_stores:
                yield sources.environment.problem(
                    (*loc, "cluster_stores"),
                    f"is a cluster of environment {other.name} too, whose namespaces may match",
                    "use the stores that deliveries make, or give each environment a cluster of its own",
                )


def _servers(scope: Scope) -> dict[str, str]:
    """The clusters of an environment by the address of their API server."""
    return {cluster.server.rstrip("/"): name for name, cluster in scope.environment.clusters.items()}


def _served(scope: Scope, cluster: str) -> Iterator[tuple[str, str]]:
    """What the operator of a cluster is to bring or take, and in which namespace."""
    for found in delivered(scope):
        if found.cluster == cluster:
            yield f"a delivery of {'/'.join(found.workload)}", found.account.namespace
    for name, _, account in generated_in(scope, cluster):
        yield f"`generated.{name}`", account.namespace
    for push in pushed(scope):
        there = account_of(scope, push)
        if there and there[0] == cluster:
            yield f"a push of {'/'.join(push.workload)}", there[1].namespace
