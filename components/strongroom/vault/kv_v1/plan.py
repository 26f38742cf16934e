"""KV version 1 stores: mounts, the secrets declared in them, and what each verb needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope
from strongroom.plan.stored import StoredSecret, stored_in

CAPABILITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "read": ("read",),
    "write": ("create", "update"),
    "delete": ("delete",),
}
"""Verb -> the capabilities it needs at the secret's own path: Vault, "KV secrets engine v1". A delete is for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KvV1Mount(Record):
    """A KV version 1 mount."""

    kind: ClassVar[str] = "vault.kv_v1.mount"
    mount: str
    store: str
    """The name catalogs use for it."""
    description: str | None
    """None: the component's own."""
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class KvV1Secret(StoredSecret):
    """A secret in a KV version 1 store. Nothing is deployed for it, and `strongroom values` does not write it."""

    kind: ClassVar[str] = "vault.kv_v1.secret"
    mount: str


def plan(scope: Scope) -> Iterator[Record]:
    for store_name, store in sorted(scope.environment.stores.items()):
        if store.vault_kv_v1:
            yield KvV1Mount(
                slice=PLATFORM,
                mount=scope.kv_mount(store_name),
                store=store_name,
                description=store.vault_kv_v1.description,
                protect=scope.environment.protect,
            )
    for key, _, common in stored_in(scope, "vault_kv_v1"):
        yield KvV1Secret(**common, mount=scope.kv_mount(common["store"]), path=scope.secret_path(key))
