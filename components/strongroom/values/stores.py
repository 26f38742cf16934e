"""The stores of a stack's values: for each kind of record the one that keeps its values, opened when it is needed.

A further store is one small class, and one line here.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final

from strongroom.aws.parameter_store.plan import AwsParameters
from strongroom.aws.secrets_manager.plan import AwsSecret
from strongroom.azure.key_vault.plan import AzureSecret
from strongroom.extras import installed
from strongroom.gcp.secret_manager.plan import GcpSecret
from strongroom.plan.plan import Plan
from strongroom.project import Project
from strongroom.values.store import Declared, ValueStore
from strongroom.vault.connection import Connection, connect_within
from strongroom.vault.kv.plan import KvSecret
from strongroom.vault.totp.plan import TotpSharedKey


class Stores:
    """The stores of one stack. Called with a declared secret, it gives the store that keeps its values.

    Each is opened with the caller's own credentials for its system when the first secret in it is asked for: who
    brings values to AWS needs no login at Vault.
    """

    def __init__(self, project: Project, stack: str, plan: Plan) -> None:
        self._project, self._stack, self._plan = project, stack, plan
        self._opened: dict[type[Declared], ValueStore[Any]] = {}

    def __call__(self, secret: Declared) -> ValueStore[Any]:
        kind = type(secret)
        if kind not in self._opened:
            with installed(kind.kind):
                self._opened[kind] = _OPENERS[kind](self)
        return self._opened[kind]

    @cached_property
    def vault(self) -> Connection:
        """The Vault or OpenBao server. Raises ServerError, WrongInputError."""
        return connect_within(self._project, self._stack, self._plan)


def _kv(stores: Stores) -> ValueStore[KvSecret]:
    from strongroom.values.vault_kv import VaultKvValues

    return VaultKvValues(stores.vault)


def _totp(stores: Stores) -> ValueStore[TotpSharedKey]:
    from strongroom.values.vault_totp import VaultTotpValues

    return VaultTotpValues(stores.vault)


def _secrets_manager(_stores: Stores) -> ValueStore[AwsSecret]:
    from strongroom.values.aws_secrets_manager import SecretsManagerValues

    return SecretsManagerValues()


def _parameter_store(_stores: Stores) -> ValueStore[AwsParameters]:
    from strongroom.values.aws_parameter_store import ParameterStoreValues

    return ParameterStoreValues()


def _key_vault(_stores: Stores) -> ValueStore[AzureSecret]:
    from strongroom.values.azure_key_vault import KeyVaultValues

    return KeyVaultValues()


def _gcp_secret_manager(_stores: Stores) -> ValueStore[GcpSecret]:
    from strongroom.values.gcp_secret_manager import GcpSecretManagerValues

    return GcpSecretManagerValues()


_OPENERS: Final[Mapping[type[Declared], Callable[[Stores], ValueStore[Any]]]] = {
    KvSecret: _kv,
    TotpSharedKey: _totp,
    AwsSecret: _secrets_manager,
    AwsParameters: _parameter_store,
    GcpSecret: _gcp_secret_manager,
    AzureSecret: _key_vault,
}
"""Vendors' clients are slow to import, and each is imported by the opener that needs it."""
