"""What secret engines and auth methods share: a place in the server's tree, enabled, tuned, moved and disabled."""

import time
from dataclasses import dataclass
from typing import Any

from ..frame.errors import StandInError
from .api import Vault

_MOVE_SECONDS = 30
_POLL_SECONDS = 0.1
_MISSING = {"mounts": "No secret engine mount at", "auth": "No auth engine at"}
"""The server says 400 and this, not 404, of a mount that does not exist."""


@dataclass(frozen=True)
class MountPoint:
    """One mount. `table` is `mounts` for secret engines and `auth` for auth methods."""

    server: Vault
    table: str
    path: str

    @property
    def _where(self) -> str:
        return f"sys/{self.table}/{self.path.strip('/')}"

    def enable(self, body: dict[str, Any]) -> None:
        """Mount an engine or auth method."""
        self.server.write(self._where, body)

    def disable(self) -> None:
        """Unmount it, with all that is in it."""
        self.server.delete(self._where)

    def info(self) -> dict[str, Any] | None:
        """Return type, description, accessor and configuration, or None if nothing is mounted here."""
        return self.server.read(self._where, missing=_MISSING[self.table])

    def tuning(self) -> dict[str, Any]:
        """Return the settings in force, where the server's defaults stand for what was never set."""
        return self.server.read(f"{self._where}/tune") or {}

    def tune(self, settings: dict[str, Any]) -> None:
        """Change settings."""
        if settings:
            self.server.write(f"{self._where}/tune", settings)

    def move_to(self, path: str) -> "MountPoint":
        """Remount elsewhere, keeping all that is in it. The server does that in the background: wait for it."""
        prefix = "auth/" if self.table == "auth" else ""
        answer = self.server.write("sys/remount", {"from": f"{prefix}{self.path}", "to": f"{prefix}{path}"})
        migration = (answer or {}).get("migration_id")
        deadline = time.monotonic() + _MOVE_SECONDS
        while migration and (status := self._migration(migration)) != "success":
            if status == "failure" or time.monotonic() > deadline:
                raise StandInError(f"moving mount {self.path!r} to {path!r} ended as {status!r}: see the server's log")
            time.sleep(_POLL_SECONDS)
        return MountPoint(self.server, self.table, path)

    def _migration(self, identity: str) -> str:
        answer = self.server.read(f"sys/remount/status/{identity}") or {}
        return str(answer.get("migration_info", {}).get("status"))
