"""KV version 1 stores: mounts, the secrets declared in them, and what each verb needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope

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
class KvV1Secret(Record):
    """A declared secret. Nothing is deployed for it, and `strongroom values` does not write it."""

    kind: ClassVar[str] = "vault.kv_v1.secret"
    team: str
    name: str
    store: str
    mount: str
    path: str
    fields: tuple[str, ...]
    description: str

    @property
    def key(self) -> str:
        return f"{self.team}/{self.name}"


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
    for (team, name), secret in scope.secrets.items():
        if secret.fields:
            store_name, store = scope.store_of(secret)
            if store.vault_kv_v1:
                yield KvV1Secret(
                    slice=team,
                    team=team,
                    name=name,
                    store=store_name,
                    mount=scope.kv_mount(store_name),
                    path=scope.secret_path((team, name)),
                    fields=secret.fields,
                    description=secret.description,
                )
