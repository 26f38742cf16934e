"""Namespaces: OpenBao has them, and Vault Enterprise."""

from dataclasses import dataclass

import pulumi_vault

from ..frame.row import Written
from ..frame.values import Properties
from .api import Vault
from .path_row import PathRow, words


@dataclass(frozen=True, kw_only=True)
class NamespaceRow(PathRow):
    """A namespace. Its id is its path with the server's slash at the end."""

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Make the namespace."""
        return Written(f"{super().create(server, inputs).identity}/")

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Read it, and say its path from the root too."""
        path = identity.strip("/")
        found = super().read(server, path, known)
        if found is None:
            return None
        parent = (known.get("namespace") or "").strip("/")
        return {**found, "path": path, "pathFq": f"{parent}/{path}" if parent else path}


ROWS = (
    NamespaceRow(
        resource=pulumi_vault.Namespace,
        path="sys/namespaces/{path}",
        id="{path}",
        replaces=words("namespace path"),
        steady=words("namespaceId"),
        keys={"namespaceId": "id"},
        computed=words("customMetadata pathFq"),
        flags=words("pathFq"),
    ),
)
