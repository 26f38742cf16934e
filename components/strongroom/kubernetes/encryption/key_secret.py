"""The secret of a store that keeps the ring of one cluster and its keys, as the store's own room has secrets.

Its team is `platform`, which no team can be called: no catalog declares it, no grant reaches it, and `strongroom
values` leaves it alone, as whoever put a value there by hand would lose what is in etcd.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from strongroom.aws.place import place_of as aws_place
from strongroom.aws.secrets_manager import plan as aws
from strongroom.aws.secrets_manager.spec import DAY
from strongroom.azure.key_vault import plan as azure
from strongroom.gcp.iam.grants import MANAGER, READER, GcpBinding
from strongroom.gcp.kms.plan import key_in
from strongroom.gcp.place import place_of as gcp_place
from strongroom.gcp.secret_manager import plan as gcp
from strongroom.kubernetes.encryption.key_store import RING
from strongroom.plan import naming
from strongroom.plan.record import PLATFORM
from strongroom.plan.scope import Scope
from strongroom.plan.stored import StoredSecret
from strongroom.vault.kv.plan import KvSecret


def key_secret_name(cluster: str) -> str:
    """What the secret is called in a plan, as one of the team `platform`."""
    return f"cluster-{cluster}"


_OF_ANY_CLUSTER: Final = re.compile(rf".*{PLATFORM}/cluster-[^/]+/encryption")


def keeps_keys(full: str) -> bool:
    """Whether a full name is that of such a secret, of whichever cluster: also of one that is still to be declared, as
    `init` would find keys there of whoever wrote them before."""
    return _OF_ANY_CLUSTER.fullmatch(full) is not None


def path_of(cluster: str) -> str:
    """The path of the secret in its store: below `platform`, where no team's own path begins."""
    return f"{PLATFORM}/{key_secret_name(cluster)}/encryption"


def name_of(scope: Scope, store_name: str, cluster: str) -> str:
    """The full name of the secret, with the prefix of the store where it has one."""
    store = scope.environment.stores[store_name].value
    prefix = getattr(store, "prefix", "")
    return f"{f'{scope.name}/' if prefix is None else prefix}{path_of(cluster)}"


def key_secret(scope: Scope, cluster: str) -> StoredSecret:
    """The secret. Raises KeyError if the cluster names no store, or one that cannot keep it."""
    encryption = scope.environment.clusters[cluster].encryption
    name = encryption.key_store if encryption else None
    if encryption is None or name is None:
        raise KeyError(cluster)
    store = scope.environment.stores[name]
    common = {
        "slice": PLATFORM,
        "team": PLATFORM,
        "name": key_secret_name(cluster),
        "store": name,
        "fields": (RING,),
        "rotate_every_seconds": encryption.rotate_every,
        "description": f"keys by which cluster {cluster} encrypts what is in etcd",
    }
    return _MADE_BY[store.kind](scope, store.value, common, name_of(scope, name, cluster))


def _in_vault(scope: Scope, store: Any, common: Mapping[str, Any], name: str) -> StoredSecret:  # noqa: ARG001
    return KvSecret(**common, mount=scope.kv_mount(common["store"]), path=name)


def _in_aws(scope: Scope, store: Any, common: Mapping[str, Any], name: str) -> StoredSecret:
    return aws.AwsSecret(
        **common,
        place=aws_place(scope),
        path=name,
        kms_key=store.kms_key and naming.kms_alias_of(scope.name, store.kms_key),
        replicas=store.replicas,
        recovery_window_days=store.recovery_window // DAY,
        protect=scope.environment.protect,
    )


def _in_azure(scope: Scope, store: Any, common: Mapping[str, Any], name: str) -> StoredSecret:
    # Never with an expiry date: to a key that wrote what is in etcd there is no end but by a rotation.
    place = azure.vault_place(scope, store)
    return azure.AzureSecret(
        **common, place=place, vault=store.vault, path=azure.in_vault(name), expires_after_days=None
    )


def _in_gcp(scope: Scope, store: Any, common: Mapping[str, Any], name: str) -> StoredSecret:
    environment, locations = scope.environment, sorted(store.locations)
    labels = {
        **store.labels,
        "strongroom-environment": scope.name,
        "strongroom-team": PLATFORM,
        "strongroom-secret": str(common["name"]),
    }
    operators = environment.gcp.operators if environment.gcp else ()
    return gcp.GcpSecret(
        **common,
        place=gcp_place(scope),
        path=gcp.secret_id(name),
        replicas=tuple(
            gcp.GcpReplica(location=location, key=store.key and key_in(scope, store.key, location))
            for location in locations
        ),
        kms_key=key_in(scope, store.key, "global") if store.key and not locations else None,
        labels=tuple(sorted(labels.items())),
        annotations=(("strongroom-description", str(common["description"])),),
        version_destroy_ttl_seconds=store.version_destroy_ttl,
        ttl_seconds=None,  # the same, whatever the store says of its other secrets
        version_aliases=(),
        rotation=None,
        access=tuple(
            GcpBinding(role=role, members=tuple(sorted(operators))) for role in (READER, MANAGER) if operators
        ),
        protect=environment.protect,
    )


_MADE_BY: Final[Mapping[str, Callable[[Scope, Any, Mapping[str, Any], str], StoredSecret]]] = {
    "vault_kv": _in_vault,
    aws.KIND: _in_aws,
    azure.KIND: _in_azure,
    gcp.KIND: _in_gcp,
}
KEEPING: Final = frozenset(_MADE_BY)
"""The kinds of store that can keep it. Not KV version 1, which has no check-and-set; not Parameter Store, where each
field is a parameter of its own and two change one after the other; not Kubernetes, whose Secrets it encrypts."""
