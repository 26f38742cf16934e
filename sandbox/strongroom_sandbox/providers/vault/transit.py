"""Transit engine: keys. What may change afterwards has a path of its own."""

from dataclasses import dataclass
from typing import Any

from pulumi_vault import transit

from ..frame.row import Written, words
from ..frame.values import Properties
from .api import Vault
from .conversions import snake, texts
from .path_row import PathRow

_CHANGEABLE = words(
    "minDecryptionVersion minEncryptionVersion deletionAllowed exportable allowPlaintextBackup autoRotatePeriod"
)


def _first_version_is_one(inputs: Properties) -> tuple[str, str] | None:
    if inputs.get("minDecryptionVersion") != 0:
        return None
    return "minDecryptionVersion", "minDecryptionVersion must be 1 or more: versions count from 1; or leave it out"


@dataclass(frozen=True, kw_only=True)
class KeyRow(PathRow):
    """A key: made at its path, changed below it."""

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Make the key, then set what may change."""
        written = super().create(server, {name: value for name, value in inputs.items() if name not in _LATER})
        self._configure(server, inputs, {})
        return written

    def update(self, server: Vault, identity: str, state: Properties, inputs: Properties) -> None:
        """Set what may change."""
        del identity
        self._configure(server, inputs, state)

    def properties(self, data: dict[str, Any], known: Properties) -> Properties:
        """Return what the server tells, with the versions as a list."""
        versions = [data["keys"][number] for number in sorted(data.get("keys") or {}, key=int)]
        keys = [texts(version if isinstance(version, dict) else {"id": version}) for version in versions]
        return {**super().properties(data, known), "keys": keys}

    def _configure(self, server: Vault, inputs: Properties, state: Properties) -> None:
        body = super().body(inputs, state)
        changes = {snake(name): body[snake(name)] for name in _CHANGEABLE if snake(name) in body}
        if changes:
            server.within(inputs.get("namespace")).write(f"{self.location(inputs)}/config", changes)


_LATER = words("minDecryptionVersion minEncryptionVersion deletionAllowed")

ROWS = (
    KeyRow(
        resource=transit.SecretBackendKey,
        path="{backend}/keys/{name}",
        autonamed=True,
        replaces=words("backend context convergentEncryption derived managedKeyId managedKeyName name namespace type"),
        defaults={"minDecryptionVersion": 1, "type": "aes256-gcm96"},
        computed=words("autoRotatePeriod"),
        write_only=words("context parameterSet hybridKeyTypeEc hybridKeyTypePqc managedKeyId managedKeyName"),
        zeroed=words("convergentEncryption keySize"),
        missing="could not delete key; not found",
        rules=(_first_version_is_one,),
    ),
)
