"""Values in Azure Key Vault, with the operator's own credentials.

A secret is one JSON object, and Key Vault can neither tell its fields nor change one alone: looking and writing read
the newest version into this process, and nowhere else. Key Vault has no condition on writing either: what is there is
read once more right before, and whoever writes in between is not noticed. Both versions then exist, and none is lost.

What an operator needs on the vault or on single secrets: the role "Key Vault Secrets Officer".
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from azure.keyvault.secrets import SecretClient

from strongroom.azure.key_vault.plan import AzureSecret
from strongroom.azure.refusals import AzureRefusedError
from strongroom.azure.vaults import Vaults
from strongroom.values.one_object import OneObjectValues, as_text, fields_of, texts_in
from strongroom.values.store import NOTHING, Stored, ValuesError

CONTENT_TYPE: Final = "application/json"
VALUE_MOST: Final = 25_000
"""Bytes: Azure Key Vault, "About Azure Key Vault secrets" (25k)."""
_ABSENT: Final = frozenset({"SecretNotFound", "HTTP 404"})


class KeyVaultValues(OneObjectValues[AzureSecret]):
    """The values of Key Vault."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._vaults, self._now = Vaults(), now

    def delete(self, secret: AzureSecret) -> None:
        self._unless_absent(secret, "delete", lambda client: client.begin_delete_secret(secret.path).wait())

    def destroy(self, secret: AzureSecret) -> None:
        level = self._unless_absent(
            secret, "look at", lambda client: client.get_secret(secret.path).properties.recovery_level
        )
        if level and "Purgeable" not in level:
            raise ValuesError(
                f"vault {secret.vault} has purge protection: nobody can destroy {secret.key} before its time. Delete "
                "it (without --destroy), and Key Vault destroys it when its soft-delete days have passed; make what "
                "the value opens worthless where it is used"
            )
        if level:
            self.delete(secret)
        self._unless_absent(secret, "purge", lambda client: client.purge_deleted_secret(secret.path))

    def _newest(self, secret: AzureSecret) -> tuple[Stored, dict[str, Any]]:
        found = self._unless_absent(secret, "read", lambda client: client.get_secret(secret.path))
        if found is None:
            return NOTHING, {}
        fields = fields_of(found.value)
        if fields is None:
            raise ValuesError(
                f"the newest version of {secret.path} is no JSON object of texts, and was not written by Strongroom; "
                "nothing was written. Make a new version by hand, or delete it"
            )
        return Stored(str(found.properties.version), frozenset(fields), found.properties.created_on), fields

    def _new_version(self, secret: AzureSecret, fields: Mapping[str, Any], seen: Stored) -> str:  # noqa: ARG002  see above
        text = as_text(fields)
        if (size := len(text.encode())) > VALUE_MOST:
            raise ValuesError(
                f"the fields of {secret.key} come to {size} bytes, and Key Vault takes {VALUE_MOST}; nothing was "
                "written. Divide them over several secrets"
            )
        days = secret.expires_after_days
        made = self._vaults.ask(
            secret,
            "write",
            lambda client: client.set_secret(
                secret.path,
                text,
                content_type=CONTENT_TYPE,
                tags={"strongroom:team": secret.team, "strongroom:item": secret.name},
                expires_on=self._now() + timedelta(days=days) if days else None,
            ),
            texts_in(fields),
        )
        return str(made.properties.version)

    def _unless_absent(self, secret: AzureSecret, what: str, request: Callable[[SecretClient], Any]) -> Any:
        try:
            return self._vaults.ask(secret, what, request)
        except AzureRefusedError as refusal:
            if refusal.code in _ABSENT:
                return None
            raise
