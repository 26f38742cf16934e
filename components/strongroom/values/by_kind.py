"""Each secret in the store of its kind."""

from collections.abc import Mapping

from strongroom.values.store import Declared, Stored, ValueStore
from strongroom.values.vault_kv import VaultKvValues
from strongroom.values.vault_totp import VaultTotpValues
from strongroom.vault.connection import Connection
from strongroom.vault.totp.plan import TotpSharedKey


class ValuesByKind:
    """The stores of one server as one."""

    def __init__(self, server: Connection) -> None:
        self._kv, self._totp = VaultKvValues(server), VaultTotpValues(server)

    def _of(self, secret: Declared) -> ValueStore:
        return self._totp if isinstance(secret, TotpSharedKey) else self._kv

    def stored(self, secret: Declared) -> Stored:
        return self._of(secret).stored(secret)

    def write(self, secret: Declared, values: Mapping[str, str], seen: Stored) -> int:
        return self._of(secret).write(secret, values, seen)

    def remove_field(self, secret: Declared, field: str, seen: Stored) -> int:
        return self._of(secret).remove_field(secret, field, seen)

    def delete(self, secret: Declared) -> None:
        self._of(secret).delete(secret)

    def destroy(self, secret: Declared) -> None:
        self._of(secret).destroy(secret)
