"""Namespaces: OpenBao has them, and Vault Enterprise."""

import time
from dataclasses import dataclass

import pulumi_vault

from ..frame.errors import StandInError
from ..frame.row import Written, words
from ..frame.values import Properties
from .api import Vault
from .path_row import PathRow

_TRIES = 60
_PAUSE_SECONDS = 0.5


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

    def delete(self, server: Vault, identity: str, state: Properties) -> None:
        """Delete it, and wait until it is gone: the server does so in the background."""
        super().delete(server, identity, state)
        for _ in range(_TRIES):
            if self.read(server, identity, state) is None:
                return
            time.sleep(_PAUSE_SECONDS)
        raise StandInError(f"namespace {identity} is not gone after {_TRIES * _PAUSE_SECONDS:g} s; run again")


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
