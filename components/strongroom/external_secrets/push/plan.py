"""PushSecrets and the SecretStores that they are written by. Pure."""

from collections.abc import Iterator

from strongroom.external_secrets.delivered import Delivered, accounts_of, operator_of
from strongroom.external_secrets.delivery import Delivery
from strongroom.external_secrets.push.pushed import Pushed, pushed
from strongroom.external_secrets.push.records import PushedKey, PushSecret
from strongroom.external_secrets.reached import keys_of, provider_of
from strongroom.external_secrets.records import SecretStore
from strongroom.kubernetes.place import place_of
from strongroom.plan.record import Record
from strongroom.plan.scope import Scope
from strongroom.spec.identity import Kubernetes


def account_of(scope: Scope, found: Pushed) -> tuple[str, Kubernetes] | None:
    """The cluster of a push, and as which account the workload runs there; None while there is not exactly one."""
    (cluster,) = found.push.clusters
    declared = scope.environment.clusters.get(cluster)
    if declared is None or declared.external_secrets is None:
        return None
    accounts = accounts_of(scope, cluster, found.workload)
    return (cluster, accounts[0]) if len(accounts) == 1 else None


def as_delivery(found: Pushed, cluster: str, account: Kubernetes) -> Delivered:
    """The same as a delivery, for what is said of the store of either."""
    delivery = Delivery(
        workload=found.push.workload, secret=found.push.secret, kubernetes_secret=found.push.kubernetes_secret
    )
    return Delivered(delivery, found.position, cluster, found.workload, found.secret, account)


def fields_of(scope: Scope, found: Pushed) -> dict[str, str]:
    """Fields, and the keys that they come from."""
    return found.push.fields or {field: field for field in scope.secrets[found.secret].fields}


def plan(scope: Scope) -> Iterator[Record]:
    stores: dict[str, SecretStore] = {}
    for found in pushed(scope):
        if there := account_of(scope, found):
            cluster, account = there
            store = _store(scope, found, cluster, account)
            stores[store.key] = store
            yield _push(scope, found, store)
    yield from stores.values()


def _store(scope: Scope, found: Pushed, cluster: str, account: Kubernetes) -> SecretStore:
    name = scope.store_of(scope.secrets[found.secret])[0]
    return SecretStore(
        slice=found.workload[0],
        place=place_of(scope, cluster),
        api_version=operator_of(scope, cluster).api_version,
        namespace=account.namespace,
        # Beside that of its deliveries, so that either can go without the other. No name of ours has a dot.
        name=f"{found.workload[1]}-{name}.push",
        workload="/".join(found.workload),
        store=name,
        provider=provider_of(scope, as_delivery(found, cluster, account)),
    )


def _push(scope: Scope, found: Pushed, store: SecretStore) -> PushSecret:
    _, by_field = keys_of(scope, found.secret)
    return PushSecret(
        slice=found.workload[0],
        place=store.place,
        namespace=store.namespace,
        name=found.push.kubernetes_secret,
        workload=store.workload,
        secret="/".join(found.secret),
        store=store.name,
        keys=tuple(
            PushedKey(secret_key=key, key=by_field[field][0], property=field)
            for field, key in fields_of(scope, found).items()
        ),
        update_policy=found.push.update_policy,
        refresh_seconds=found.push.refresh,
    )
