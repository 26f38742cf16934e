"""Stores and Secrets that many namespaces share, with an identity of their own. Pure."""

from collections.abc import Iterator

from strongroom.external_secrets import plan as deliveries
from strongroom.external_secrets.cluster.records import (
    ClusterExternalSecret,
    ClusterSecretStore,
    NamespaceConditions,
)
from strongroom.external_secrets.cluster.spec import ClusterDelivery, ClusterStore, Namespaces
from strongroom.external_secrets.delivered import Delivered, accounts_of, operator_of
from strongroom.external_secrets.delivery import Delivery
from strongroom.external_secrets.reached import keys_of, provider_of
from strongroom.external_secrets.records import Entry, ExternalSecret
from strongroom.kubernetes.place import place_of
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope


def key_of(written: str) -> Key:
    """`team/name` as a key."""
    team, _, name = written.partition("/")
    return team, name


def readable(scope: Scope, store: ClusterStore) -> list[Key]:
    """The secrets of a store that its workload may read, in order."""
    return sorted(
        {
            grant.secret
            for grant in scope.grants_of.get(key_of(store.workload), ())
            if "read" in grant.can
            and scope.secrets[grant.secret].fields
            and scope.store_name(scope.secrets[grant.secret]) == store.store
        }
    )


def read_as(scope: Scope, cluster: str, store: ClusterStore) -> Delivered | None:
    """A delivery of the first of them, as which the store is read; None while something of it is not there."""
    workload, secrets = key_of(store.workload), readable(scope, store)
    if workload not in scope.workloads or not secrets or store.store not in scope.environment.stores:
        return None
    accounts = accounts_of(scope, cluster, workload)
    if len(accounts) != 1:
        return None
    delivery = Delivery(workload=workload[1], secret="/".join(secrets[0]), kubernetes_secret=secrets[0][1])
    return Delivered(delivery, 0, cluster, workload, secrets[0], accounts[0])


def plan(scope: Scope) -> Iterator[Record]:
    for cluster, declared in sorted(scope.environment.clusters.items()):
        if seen := declared.external_secrets:
            for name, store in sorted(seen.cluster_stores.items()):
                yield from _store(scope, cluster, name, store)
            for name, delivery in sorted(seen.cluster_deliveries.items()):
                yield _secret(scope, cluster, name, delivery)


def _store(scope: Scope, cluster: str, name: str, store: ClusterStore) -> Iterator[Record]:
    found = read_as(scope, cluster, store)
    if found is None:  # it does not exist in this environment
        return
    made = ClusterSecretStore(
        slice=PLATFORM,
        place=place_of(scope, cluster),
        api_version=operator_of(scope, cluster).api_version,
        name=name,
        workload=store.workload,
        store=store.store,
        account_namespace=found.account.namespace,
        provider=provider_of(scope, found),
        conditions=_conditions(store.namespaces),
    )
    yield made
    if account := deliveries.service_account(scope, found, made.provider):
        yield account


def _secret(scope: Scope, cluster: str, name: str, delivery: ClusterDelivery) -> Record:
    secret = key_of(delivery.secret)
    _, by_field = keys_of(scope, secret)
    fields = delivery.fields or {field: field for field in scope.secrets[secret].fields}
    place = place_of(scope, cluster)
    each = ExternalSecret(
        slice=PLATFORM,
        place=place,
        api_version=operator_of(scope, cluster).api_version,
        namespace="",
        name=delivery.kubernetes_secret,
        workload=operator_of(scope, cluster).cluster_stores[delivery.cluster_store].workload,
        secret=delivery.secret,
        store=delivery.cluster_store,
        entries=tuple(
            Entry(secret_key=key, key=by_field[field][0], property=by_field[field][1]) for key, field in fields.items()
        ),
        whole=None,
        generator=None,
        template=deliveries.template_of(delivery.template) if delivery.template else None,
        refresh_seconds=delivery.refresh,
        refresh_policy="Periodic",
        creation_policy="Owner",
        deletion_policy=delivery.deletion_policy,
        immutable=False,
    )
    return ClusterExternalSecret(
        slice=PLATFORM,
        place=place,
        name=name,
        cluster_store=delivery.cluster_store,
        namespaces=_conditions(delivery.namespaces),
        refresh_seconds=delivery.refresh_namespaces,
        each=each,
    )


def _conditions(namespaces: Namespaces) -> NamespaceConditions:
    return NamespaceConditions(
        names=tuple(sorted(namespaces.names)),
        labels=tuple(sorted(namespaces.labels.items())),
        regexes=tuple(sorted(getattr(namespaces, "regexes", ()))),
    )
