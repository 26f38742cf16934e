"""The stores of a stack's values: for each kind of record the one that keeps its values, opened when it is needed.

A further store is one small class, and one line here.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from strongroom.aws.parameter_store.plan import AwsParameters
from strongroom.aws.secrets_manager.plan import AwsSecret
from strongroom.azure.key_vault.plan import AzureSecret
from strongroom.extras import load, system_of
from strongroom.gcp.secret_manager.plan import GcpSecret
from strongroom.kubernetes.secrets.plan import KubernetesSecret
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
            store = load(kind.kind, _PLACES[kind])
            self._opened[kind] = store(self.vault) if system_of(kind.kind) == "vault" else store()
        return self._opened[kind]

    @cached_property
    def vault(self) -> Connection:
        """The Vault or OpenBao server. Raises ServerError, WrongInputError."""
        return connect_within(self._project, self._stack, self._plan)


_PLACES: Final[Mapping[type[Declared], str]] = {
    KvSecret: "strongroom.values.vault_kv:VaultKvValues",
    TotpSharedKey: "strongroom.values.vault_totp:VaultTotpValues",
    AwsSecret: "strongroom.values.aws_secrets_manager:SecretsManagerValues",
    AwsParameters: "strongroom.values.aws_parameter_store:ParameterStoreValues",
    GcpSecret: "strongroom.values.gcp_secret_manager:GcpSecretManagerValues",
    AzureSecret: "strongroom.values.azure_key_vault:KeyVaultValues",
    KubernetesSecret: "strongroom.values.kubernetes_secrets:KubernetesSecretValues",
}
"""Kind of record -> the class that keeps its values. Vendors' clients are slow to import: each when it is used."""
