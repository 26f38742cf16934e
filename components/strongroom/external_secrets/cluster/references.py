"""What stores and Secrets for many namespaces cannot tell about themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.external_secrets import shape
from strongroom.external_secrets.cluster.plan import key_of, read_as, readable
from strongroom.external_secrets.cluster.spec import ClusterDelivery, ClusterStore
from strongroom.external_secrets.delivered import accounts_of, by_workload
from strongroom.external_secrets.delivery import Delivery
from strongroom.external_secrets.generators.plan import generated_in
from strongroom.external_secrets.generators.references import delivered_to
from strongroom.external_secrets.reached import provider_of
from strongroom.external_secrets.spec import ExternalSecrets
from strongroom.external_secrets.stores.unreachable import UnreachableError
from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc, Problem, did_you_mean

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

Flaw = tuple[str, str]


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of one environment."""
    for cluster, declared in sorted(scope.environment.clusters.items()):
        if (seen := declared.external_secrets) is None:
            continue
        whole: Loc = ("clusters", cluster, "external_secrets")
        for name, store in sorted(seen.cluster_stores.items()):
            for loc, flaw in _store(scope, sources, cluster, store):
                yield sources.environment.problem((*whole, "cluster_stores", name, *loc), *flaw)
        for name, delivery in sorted(seen.cluster_deliveries.items()):
            for loc, flaw in _delivery(scope, seen, delivery):
                yield sources.environment.problem((*whole, "cluster_deliveries", name, *loc), *flaw)
        yield from _twice(scope, sources, cluster, seen)
        if seen.operator and seen.operator.watch and (seen.cluster_stores or seen.cluster_deliveries):
            yield sources.environment.problem(
                (*whole, "operator", "watch"),
                f"the operator serves namespace {seen.operator.watch} only, and there are stores for several",
                "leave out `watch`, or use the stores that deliveries make",
            )


def _store(scope: Scope, sources: Sources, cluster: str, store: ClusterStore) -> Iterator[tuple[Loc, Flaw]]:
    stores = sources.in_environment("stores")
    workload = key_of(store.workload)
    if store.store not in stores:
        remedy = did_you_mean(store.store, stores, f"declared: {', '.join(stores) or 'none'}")
        yield ("store",), (f"there is no store '{store.store}'", remedy)
    elif (kind := scope.environment.stores.get(store.store)) and kind.kubernetes_secrets:
        yield ("store",), ("Secrets of a cluster are read within their namespaces", "deliver them one by one")
    if flaw := sources.no_workload(store.workload):
        yield ("workload",), flaw
    if workload not in scope.workloads:
        if not sources.no_workload(store.workload) and workload in sources.workloads:
            yield (
                ("workload",),
                (f"{store.workload} does not exist in {scope.name}", "declare the store elsewhere"),
            )
        return
    if len(accounts := accounts_of(scope, cluster, workload)) != 1:
        message = f"{store.workload} runs as {len(accounts) or 'no'} service accounts of cluster {cluster}"
        yield ("workload",), (message, "give it exactly one, which is for this store and nothing else")
    if by_workload(scope).get(workload):
        yield (
            ("workload",),
            (
                f"{store.workload} has deliveries of its own",
                "declare one that is for this store alone",
            ),
        )
    granted = {verb for grant in scope.grants_of.get(workload, ()) for verb in grant.can}
    if more := sorted(granted - {"read"}):
        yield (
            ("workload",),
            (
                f"{store.workload} may {' and '.join(more)} too, and so may whoever makes PushSecrets in these "
                "namespaces",
                "grant it `read` only",
            ),
        )
    if store.store in stores and not readable(scope, store):
        yield (
            ("workload",),
            (f"{store.workload} may read nothing of store {store.store}", "grant it `read` on what the store is for"),
        )
    if found := read_as(scope, cluster, store):
        try:
            provider = provider_of(scope, found)
            if getattr(provider, "role", None) and not getattr(provider, "service_account", None):
                yield (
                    ("store",),
                    (
                        f"with EKS Pod Identity cluster {cluster} is told apart by the namespace that asks",
                        "use `irsa`, or the stores that deliveries make",
                    ),
                )
        except UnreachableError as error:
            yield ("workload",), (error.message, error.remedy)


def _delivery(scope: Scope, seen: ExternalSecrets, delivery: ClusterDelivery) -> Iterator[tuple[Loc, Flaw]]:
    secret = key_of(delivery.secret)
    store = seen.cluster_stores.get(delivery.cluster_store)
    if store is None:
        remedy = did_you_mean(delivery.cluster_store, seen.cluster_stores, "declare it under `cluster_stores`")
        yield ("cluster_store",), (f"there is no '{delivery.cluster_store}' among `cluster_stores`", remedy)
        return
    if secret not in readable(scope, store):
        known = ["/".join(key) for key in readable(scope, store)]
        yield (
            ("secret",),
            (
                f"{store.workload} may not read {delivery.secret} of store {store.store}",
                did_you_mean(delivery.secret, known, "grant it `read` in the catalog of the secret's team"),
            ),
        )
        return
    has = scope.secrets[secret].fields
    for field in sorted(set(delivery.fields.values()) - set(has)):
        yield ("fields",), (f"{delivery.secret} has no field '{field}'", did_you_mean(field, has, ", ".join(has)))
    as_one = Delivery(
        workload=key_of(store.workload)[1],
        secret=delivery.secret,
        kubernetes_secret=delivery.kubernetes_secret,
        fields=delivery.fields,
        template=delivery.template,
    )
    yield from shape.flaws(as_one, has)
    yield from _outside(store, delivery)


def _twice(scope: Scope, sources: Sources, cluster: str, seen: ExternalSecrets) -> Iterator[Problem]:
    """Two of one name in a namespace, as far as names tell: the operator would make one of them, or take turns."""
    taken = delivered_to(scope, cluster)
    for name, generated, account in generated_in(scope, cluster):
        taken.setdefault((account.namespace, generated.kubernetes_secret), f"`generated.{name}`")
    for name, delivery in sorted(seen.cluster_deliveries.items()):
        for namespace in sorted(set(delivery.namespaces.names)):
            whose = f"`cluster_deliveries.{name}`"
            if (other := taken.setdefault((namespace, delivery.kubernetes_secret), whose)) != whose:
                yield sources.environment.problem(
                    ("clusters", cluster, "external_secrets", "cluster_deliveries", name, "kubernetes_secret"),
                    f"Secret {delivery.kubernetes_secret} in namespace {namespace} is that of {other} too",
                    "give it another name",
                )


def _outside(store: ClusterStore, delivery: ClusterDelivery) -> Iterator[tuple[Loc, Flaw]]:
    """Namespaces that the store does not serve, as far as names tell."""
    served = store.namespaces
    if served.labels:
        return  # which namespaces these are, only the cluster knows
    for position, name in enumerate(delivery.namespaces.names):
        if name not in served.names and not any(re.fullmatch(pattern, name) for pattern in served.regexes):
            yield (
                ("namespaces", "names", position),
                (f"namespace {name} may not use {delivery.cluster_store}", "add it to the `namespaces` of the store"),
            )
    if delivery.namespaces.labels:
        yield (
            ("namespaces", "labels"),
            (
                f"{delivery.cluster_store} serves namespaces by name, and others may have these labels",
                "name them, or let the store serve the same labels",
            ),
        )
