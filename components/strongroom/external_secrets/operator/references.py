"""What an operator has to fit: the version of the manifests, where what it is to serve is, and whose operator it is.

Asked before it is known whether there is a plan, so that nothing here plans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from strongroom.external_secrets.cluster.plan import key_of
from strongroom.external_secrets.delivered import accounts_of, delivered, operator_of
from strongroom.external_secrets.generators.plan import generated_in
from strongroom.external_secrets.operator.plan import operators
from strongroom.external_secrets.operator.settings import ACCOUNTS
from strongroom.external_secrets.operator.spec import Operator
from strongroom.external_secrets.push.plan import account_of
from strongroom.external_secrets.push.pushed import pushed
from strongroom.plan.scope import Scope
from strongroom.spec.identity import Kubernetes
from strongroom.spec.problems import Loc, Problem

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

Flaw = tuple[str, str]


class _Served(NamedTuple):
    """Something that an operator brings or takes."""

    what: str
    account: Kubernetes
    """As whom, and in whose namespace."""


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of the operators of one environment."""
    for cluster, operator in operators(scope):
        for loc, flaw in _fits(scope, cluster, operator):
            yield sources.environment.problem(("clusters", cluster, "external_secrets", *loc), *flaw)


def shared(scope: Scope, others: Iterable[Scope], sources: Sources) -> Iterator[Problem]:
    """What a cluster has once: an operator, and stores that the namespaces of another environment could use."""
    for other in others:
        there = {cluster.server: cluster.external_secrets for cluster in other.environment.clusters.values()}
        for cluster, declared in sorted(scope.environment.clusters.items()):
            if declared.external_secrets and declared.server in there:
                theirs = there[declared.server]
                for loc, flaw in _both(scope, cluster, other.name, theirs.operator if theirs else None):
                    yield sources.environment.problem(("clusters", cluster, "external_secrets", *loc), *flaw)


def _both(scope: Scope, cluster: str, other: str, theirs: Operator | None) -> Iterator[tuple[Loc, Flaw]]:
    """What does not go in a cluster of another environment, which has the operator `theirs` there."""
    seen = operator_of(scope, cluster)
    if seen.cluster_stores:
        message = f"is a cluster of environment {other} too, whose namespaces may match"
        remedy = "use the stores that deliveries make, or give each environment a cluster of its own"
        yield ("cluster_stores",), (message, remedy)
    if theirs is None:
        return
    if seen.operator:
        message = f"environment {other} installs an operator in this cluster too, which has it once"
        remedy = f"declare it in one of them, and write `operator_in: {theirs.namespace}` in the other"
        yield ("operator",), (message, remedy)
        return
    if seen.operator_in != theirs.namespace:
        message = f"the operator that environment {other} installs may be no service account of this one"
        remedy = f"write `operator_in: {theirs.namespace}`, where it runs"
        yield ("operator_in",) if seen.operator_in else (), (message, remedy)
    if not theirs.pushes and any(account_of(scope, push) for push in pushed(scope) if cluster in push.push.clusters):
        message = f"the operator that environment {other} installs looks after no pushes of others"
        yield (), (message, f"write `pushes: true` in the `operator` of environment {other}")
    yield from _fits(scope, cluster, theirs)


def _fits(scope: Scope, cluster: str, operator: Operator) -> Iterator[tuple[Loc, Flaw]]:
    """What an operator cannot serve, or must not: it reads and writes all Secrets, and nobody else is to be it."""
    seen = operator_of(scope, cluster)
    where: Loc = ("operator",) if seen.operator else ()
    if seen.api_version != "v1":
        message = f"the operator of chart {operator.chart_version} serves no {seen.api_version}"
        yield ("api_version",), (message, "leave it out: `strongroom migrate-eso` rewrites manifests that are there")
    served = _served(scope, cluster)
    for what, namespace in sorted({(one.what, one.account.namespace) for one in served}):
        if operator.watch and namespace != operator.watch:
            message = f"the operator serves namespace {operator.watch} only, and {what} is for namespace {namespace}"
            yield (*where, "watch") if where else (), (message, "leave out `watch`, or deliver it to another cluster")
        if namespace == operator.namespace:
            message = f"{what} is for the operator's own namespace {namespace}, where the key of its webhook is"
            yield where, (message, "let the workload run in another namespace")
    for one in (*served, *_readers(scope, cluster)):
        if one.account.namespace == operator.namespace and one.account.service_account in ACCOUNTS:
            message = f"{one.what} would be read as the operator's own account {one.account.service_account}"
            yield where, (message, "let the workload run as another service account")


def _served(scope: Scope, cluster: str) -> list[_Served]:
    """What the operator of a cluster brings to namespaces of workloads, or takes from there."""
    found = [
        _Served(f"a delivery of {'/'.join(one.workload)}", one.account)
        for one in delivered(scope)
        if one.cluster == cluster
    ]
    found += [_Served(f"`generated.{name}`", account) for name, _, account in generated_in(scope, cluster)]
    for push in pushed(scope):
        there = account_of(scope, push)
        if there and there[0] == cluster:
            found.append(_Served(f"a push of {'/'.join(push.workload)}", there[1]))
    return found


def _readers(scope: Scope, cluster: str) -> Iterator[_Served]:
    """As whom stores for several namespaces are read."""
    for name, store in sorted(operator_of(scope, cluster).cluster_stores.items()):
        workload = key_of(store.workload)
        for account in accounts_of(scope, cluster, workload) if workload in scope.workloads else ():
            yield _Served(f"`cluster_stores.{name}`", account)
