"""What Secrets that the environment file has made cannot tell about themselves: for whom they are, and their names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.external_secrets.delivered import accounts_of, delivered
from strongroom.external_secrets.generators.plan import generated_in, workload_of
from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc, Problem

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of one environment."""
    for cluster, declared in sorted(scope.environment.clusters.items()):
        seen = declared.external_secrets
        for name, generated in sorted(seen.generated.items()) if seen else ():
            loc: Loc = ("clusters", cluster, "external_secrets", "generated", name)
            workload = workload_of(generated)
            if flaw := sources.no_workload(generated.workload):
                yield sources.environment.problem((*loc, "workload"), *flaw)
            elif workload in scope.workloads and len(accounts := accounts_of(scope, cluster, workload)) != 1:
                yield sources.environment.problem(
                    (*loc, "workload"),
                    f"{generated.workload} runs as {len(accounts) or 'no'} service account"
                    f"{'s' if len(accounts) > 1 else ''} of Kubernetes in cluster {cluster}",
                    "name one that runs as exactly one: its namespace is where the Secret goes",
                )
            if generated.generator.gcr_access_token and seen and seen.gke is None:
                yield sources.environment.problem(
                    (*loc, "generator"),
                    f"it is not known which of Google's clusters {cluster} is",
                    f"add `clusters.{cluster}.external_secrets.gke`",
                )
        yield from _twice(scope, sources, cluster)


def _twice(scope: Scope, sources: Sources, cluster: str) -> Iterator[Problem]:
    """Two of one name in a namespace would be one."""
    taken = delivered_to(scope, cluster)
    for name, generated, account in generated_in(scope, cluster):
        place = (account.namespace, generated.kubernetes_secret)
        if other := taken.get(place):
            yield sources.environment.problem(
                ("clusters", cluster, "external_secrets", "generated", name, "kubernetes_secret"),
                f"Secret {generated.kubernetes_secret} in namespace {account.namespace} is that of {other} too",
                "give it another name",
            )
        taken.setdefault(place, f"`generated.{name}`")


def delivered_to(scope: Scope, cluster: str) -> dict[tuple[str, str], str]:
    """Namespace and name of the Secrets that deliveries bring to a cluster, and whose they are."""
    return {
        (found.account.namespace, found.delivery.kubernetes_secret): f"a delivery of {'/'.join(found.workload)}"
        for found in delivered(scope)
        if found.cluster == cluster
    }
