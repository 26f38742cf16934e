"""KV stores: mounts, the secrets declared in them, and what each verb needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.plan.stored import StoredSecret, stored_in
from strongroom.vault.kv_v1.plan import CAPABILITIES as V1_CAPABILITIES

WHAT: Final = "stored values"
LEASED: Final = False
VERBS: Final[Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "read": (("data", ("read",)),),
    # A write names the version it replaces, so a writer may see version numbers, not values.
    "write": (("data", ("create", "update", "patch")), ("metadata", ("read",))),
    # The newest version only, and it can be undeleted; destroying is nobody's everyday right.
    "delete": (("data", ("delete",)),),
}
"""Verb -> the parts of the API it needs and the capabilities there: Vault, "KV secrets engine v2", ACL rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KvMount(Record):
    """A KV version 2 mount."""

    kind: ClassVar[str] = "vault.kv.mount"
    mount: str
    store: str
    """The name catalogs use for it."""
    max_versions: int
    """0: unset."""
    cas_required: bool
    delete_version_after_seconds: int
    """0: never."""
    description: str | None
    """None: the component's own."""
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class KvSecret(StoredSecret):
    """A secret in a KV version 2 store. Nothing is deployed for it."""

    kind: ClassVar[str] = "vault.kv.secret"
    mount: str


def rules(scope: Scope, secret: Key, verb: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The paths and capabilities that one verb on one secret needs, and nothing more: none where no Vault keeps it."""
    if not scope.is_in_vault(secret):
        return
    store_name, store = scope.store_of(scope.secrets[secret])
    mount = scope.kv_mount(store_name)
    if store.vault_kv_v1:
        yield f"{mount}/{scope.secret_path(secret)}", V1_CAPABILITIES[verb]
        return
    for part, capabilities in VERBS[verb]:
        yield f"{mount}/{part}/{scope.secret_path(secret)}", capabilities


def plan(scope: Scope) -> Iterator[Record]:
    for store_name, store in sorted(scope.environment.stores.items()):
        if kv := store.vault_kv:
            yield KvMount(
                slice=PLATFORM,
                mount=scope.kv_mount(store_name),
                store=store_name,
                max_versions=0 if kv.max_versions_unset else kv.max_versions,
                cas_required=kv.cas_required,
                delete_version_after_seconds=kv.delete_version_after or 0,
                description=kv.description,
                protect=scope.environment.protect,
            )
    for key, _, common in stored_in(scope, "vault_kv"):
        yield KvSecret(**common, mount=scope.kv_mount(common["store"]), path=scope.secret_path(key))
