"""Each delivery, followed through the plan to its value: store, identity, policy, secret, field.

The pieces are derived from the same grants by rooms that do not know one another. This looks at what they made, as the
operator and the servers would, so that what does not fit is an error of the plan and no Secret that stays empty.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from strongroom.external_secrets.cluster.records import ClusterExternalSecret, ClusterSecretStore
from strongroom.external_secrets.delivered import delivered
from strongroom.external_secrets.generators.records import VaultDynamicSecret
from strongroom.external_secrets.generators.reference import GeneratorRef
from strongroom.external_secrets.providers import (
    AwsProvider,
    AzureProvider,
    GcpProvider,
    KubernetesProvider,
    Provider,
    VaultProvider,
)
from strongroom.external_secrets.reachability import aws, azure, gcp, kubernetes, vault
from strongroom.external_secrets.reachability.records import Missing, Records
from strongroom.external_secrets.records import ExternalSecret
from strongroom.plan.plan import Plan
from strongroom.plan.references import Sources
from strongroom.plan.scope import Scope
from strongroom.plan.stored import StoredSecret
from strongroom.spec.problems import Problem

_FOLLOW: Final[Mapping[type, Callable[[Records, Any, ExternalSecret, StoredSecret], Iterator[Missing]]]] = {
    VaultProvider: vault.follow,
    AwsProvider: aws.follow,
    AzureProvider: azure.follow,
    GcpProvider: gcp.follow,
    KubernetesProvider: kubernetes.follow,
}


def broken(plan: Plan) -> Iterator[tuple[ExternalSecret, Missing]]:
    """What is missing of the ExternalSecrets of a whole plan."""
    records = Records(plan)
    for secret in plan.of(ExternalSecret):
        for missing in _missing(records, secret):
            yield secret, missing


def _missing(records: Records, secret: ExternalSecret) -> Iterator[Missing]:
    if secret.generator:
        yield from _generated(records, secret, secret.generator)
        return
    where = f"namespace {secret.namespace} of cluster {secret.place}"
    store = records.stores.get((secret.place.cluster, secret.namespace, secret.store or ""))
    if store is None:
        yield f"there is no SecretStore {secret.store} in {where}", "it follows from a delivery"
        return
    if store.workload != secret.workload:
        yield f"SecretStore {store.name} in {where} reads as {store.workload}", "name another `secret_store`"
    yield from _value(records, store.provider, secret)


def _value(records: Records, provider: Provider, secret: ExternalSecret) -> Iterator[Missing]:
    stored = records.secrets.get(secret.secret)
    if stored is None:
        yield f"{secret.secret} is kept in no store", "declare it with `fields`"
        return
    yield from _FOLLOW[type(provider)](records, provider, secret, stored)
    for entry in secret.entries:
        if (field := entry.property or entry.key.rpartition("/")[2]) not in stored.fields:
            yield f"{secret.secret} has no field {field}", f"it has: {', '.join(stored.fields)}"


def _generated(records: Records, secret: ExternalSecret, reference: GeneratorRef) -> Iterator[Missing]:
    generator = records.generators.get((secret.place.cluster, secret.namespace, reference))
    if generator is None:
        where = f"namespace {secret.namespace} of cluster {secret.place}"
        yield f"there is no {reference.kind} {reference.name} in {where}", "it follows from a delivery"
    elif isinstance(generator.source, VaultDynamicSecret):
        yield from vault.follow_generated(records, generator.source, secret)


def broken_for_namespaces(plan: Plan) -> Iterator[tuple[ClusterExternalSecret, Missing]]:
    """The same of those that many namespaces have, whose store is read as an account of its own."""
    records = Records(plan)
    stores = {(store.place.cluster, store.name): store for store in plan.of(ClusterSecretStore)}
    for shared in plan.of(ClusterExternalSecret):
        store = stores.get((shared.place.cluster, shared.cluster_store))
        if store is None:
            yield shared, (f"there is no ClusterSecretStore {shared.cluster_store}", "it follows from `cluster_stores`")
            continue
        as_read = replace(shared.each, namespace=store.account_namespace)
        for missing in _value(records, store.provider, as_read):
            yield shared, missing


def check(plan: Plan, scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The same as problems, each where the delivery is written."""
    places = {
        (found.cluster, found.account.namespace, found.delivery.kubernetes_secret): found for found in delivered(scope)
    }
    for secret, (message, remedy) in broken(plan):
        found = places[secret.place.cluster, secret.namespace, secret.name]
        yield sources.catalogs[found.workload[0]].problem(
            found.loc, f"does not reach cluster {found.cluster}: {message}", remedy
        )
    for shared, (message, remedy) in broken_for_namespaces(plan):
        loc = ("clusters", shared.place.cluster, "external_secrets", "cluster_deliveries", shared.name)
        yield sources.environment.problem(loc, f"does not reach any namespace: {message}", remedy)
