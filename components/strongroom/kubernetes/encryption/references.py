"""What a cluster's encryption has to fit: the stores of its environment, and the keys of other environments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from strongroom.kubernetes.encryption import hosted
from strongroom.kubernetes.encryption.key_secret import KEEPING, keeps_keys, key_secret, name_of
from strongroom.kubernetes.encryption.plan import declared
from strongroom.kubernetes.encryption.spec import Encryption
from strongroom.plan.cloud_stores import CLOUD_STORES, SEPARATE
from strongroom.plan.qualified_names import misplaced
from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc, Problem, did_you_mean

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of one environment."""
    yield from _taken(scope, sources)
    yield from hosted.check_claims(scope, sources)
    for cluster, encryption in declared(scope):
        loc: Loc = ("clusters", cluster, "encryption")
        if encryption.managed:
            yield from _managed(scope, sources, loc, encryption)
        elif encryption.key_store:
            yield from _key_store(scope, sources, loc, cluster, encryption.key_store)
            yield from hosted.check(scope, sources, loc, cluster, encryption)


def _key_store(scope: Scope, sources: Sources, loc: Loc, cluster: str, name: str) -> Iterator[Problem]:
    stores = sources.in_environment("stores")
    where = (*loc, "key_store")
    if name not in stores:
        hint = did_you_mean(name, stores, f"declared: {', '.join(stores) or 'none'}")
        yield sources.environment.problem(where, f"there is no store '{name}'", hint)
        return
    store = scope.environment.stores.get(name)
    if store is None:  # it is broken, and says so itself
        return
    if store.kind not in KEEPING:
        yield sources.environment.problem(
            where,
            f"store '{name}' ({store.kind}) cannot keep a ring and its keys, which change together or not at all",
            f"name a store of {', '.join(sorted(KEEPING))}",
        )
        return
    if store.vault_kv and store.vault_kv.delete_version_after:
        yield sources.environment.problem(
            where,
            f"store '{name}' deletes versions after a time (`delete_version_after`), and with them the keys to etcd",
            "name a store that keeps them",
        )
    full = name_of(scope, name, cluster)
    room = CLOUD_STORES.get(store.kind)
    found = room.flaw(full, ()) if room else None
    if room and store.kind not in SEPARATE:
        found = misplaced(full, scope.name, sources.environments) or found
    if found:
        yield sources.environment.problem(where, f"the secret with the keys: {found[0]}", found[1])


def _taken(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """Secrets of catalogs that are called like one with keys, in any store, as several may lie in one account: whoever
    may write them would write the keys."""
    for kind, keys in scope.stored.items():
        room = CLOUD_STORES.get(kind)
        for key in keys:
            secret = scope.secrets[key]
            store = scope.store_of(secret)[1].value
            full = room.name_of(scope, key, store) if room else scope.secret_path(key)
            if keeps_keys(full):
                loc: Loc = ("secrets", key[1], "path") if secret.path else ("secrets", key[1])
                yield sources.catalogs[key[0]].problem(
                    loc,
                    f"'{full}' keeps the encryption keys of a cluster",
                    "choose another path",
                    at_key=not secret.path,
                )


def _managed(scope: Scope, sources: Sources, loc: Loc, encryption: Encryption) -> Iterator[Problem]:
    eks = encryption.managed and encryption.managed.eks
    if not eks or not eks.place or not (aws := scope.environment.aws):
        return
    if eks.place != (aws.account, aws.region):
        yield sources.environment.problem(
            (*loc, "managed", "eks", "kms_key"),
            f"the key lies in {'/'.join(eks.place)}, and the environment in {aws.account}/{aws.region}",
            "EKS takes a key of the cluster's own account and region",
        )


def shared(scope: Scope, others: Iterable[Scope], sources: Sources) -> Iterator[Problem]:
    """Clusters and keys that several environments encrypt with: whoever may use the key in the one reads what is in
    etcd of the other, and a cluster with two rings loses what the other one wrote."""
    elsewhere = list(others)
    for cluster, encryption in declared(scope):
        mine = _keys(scope, cluster, encryption)
        for other in (scope, *elsewhere):
            for other_cluster, other_encryption in declared(other):
                if (other.name, other_cluster) == (scope.name, cluster):
                    continue
                if both := sorted(mine.keys() & _keys(other, other_cluster, other_encryption).keys()):
                    yield sources.environment.problem(
                        ("clusters", cluster, *mine[both[0]]),
                        f"{both[0]} is that of cluster {other_cluster} of environment {other.name} too",
                        "each cluster has keys of its own, and is encrypted from one place",
                    )


def _keys(scope: Scope, cluster: str, encryption: Encryption) -> dict[str, Loc]:
    """What no two clusters may have in common, and where the environment file says it."""
    found: dict[str, Loc] = {
        f"the API server {address.rstrip('/')}": ("encryption", "api_servers") for address in encryption.api_servers
    }
    found[f"the API server {scope.environment.clusters[cluster].server.rstrip('/')}"] = ("server",)
    if encryption.managed:
        if encryption.managed.key:
            found[f"the key {encryption.managed.material}"] = ("encryption", "managed", encryption.managed.kind)
        return found
    store = scope.environment.stores.get(encryption.key_store or "")
    if store is not None and store.kind in KEEPING:
        secret = key_secret(scope, cluster)
        # Where Vault is, the stack says: that no two environments share a mount is checked there.
        place = getattr(secret, "vault", None) or getattr(secret, "place", None)
        if place:
            found[f"the secret {place}/{secret.path}"] = ("encryption", "key_store")
    return found
