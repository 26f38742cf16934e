"""The keys of a cluster in the stores that the values channel knows, with the caller's own credentials for each."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from strongroom.kubernetes.encryption.key_store import Kept, KeyStore, KeyStoreError, fields_of, kept_of
from strongroom.plan.plan import Plan
from strongroom.plan.stored import StoredSecret
from strongroom.project import Project
from strongroom.values.store import ChangedMeanwhileError, Stored, Version
from strongroom.values.stores import Stores


class WholeSecrets(Protocol):
    """A store that reads and writes a secret as a whole; the classes of `strongroom.values` are some."""

    def read(self, secret: Any) -> tuple[Stored, dict[str, Any]]:
        """What is there, with the values."""

    def replace(self, secret: Any, values: Mapping[str, str], seen: Stored) -> Version:
        """Writes exactly these fields. Fails if `seen` is not the newest."""


class StoredKeys:
    """The keys of one cluster, in the secret that its store has for them."""

    def __init__(self, store: WholeSecrets, secret: StoredSecret) -> None:
        self._store, self._secret = store, secret

    def read(self) -> Kept | None:
        stored, fields = self._store.read(self._secret)
        if not stored.version:
            return None
        if not fields:
            raise KeyStoreError(
                f"the newest version of {self._where} is deleted, and with it the keys to what is in etcd: restore it "
                "before anything else. Make no new keys, as they would not read what the old ones wrote"
            )
        return replace(kept_of(fields, stored.version, self._where), since=stored.created)

    def write(self, kept: Kept, seen: Kept | None) -> Kept:
        before = Stored(seen.version if seen else 0, frozenset(), None)
        fields = fields_of(kept)
        try:
            return replace(kept, version=self._store.replace(self._secret, fields, before))
        except ChangedMeanwhileError:
            pass
        # Raised out here, so that no exception is chained whose frames hold keys.
        raise ChangedMeanwhileError(
            f"{self._where} was changed by somebody else in the meantime; nothing was written. See that nobody else "
            "makes or rotates keys of this cluster, and try again"
        )

    @property
    def _where(self) -> str:
        return f"{self._secret.path} in store {self._secret.store}"


def open_keys(project: Project, stack: str, plan: Plan, secret: StoredSecret) -> KeyStore:
    """The key store of a cluster, by its secret (`encryption_of`). Raises StrongroomError if it cannot be opened."""
    store: Any = Stores(project, stack, plan)(secret)
    return StoredKeys(store, secret)
