"""The stand-in Vault provider as a server; started on request only, where the official provider cannot be had."""

import socket
import sys
from pathlib import Path
from typing import ClassVar

from strongroom_sandbox.servers.ports import HOST
from strongroom_sandbox.servers.server import Command, SandboxError, Server
from strongroom_sandbox.servers.vault_server import VaultServer


class Provider(Server):
    """Serves the Pulumi engine, which attaches to it (`PULUMI_DEBUG_PROVIDERS`)."""

    name: ClassVar[str] = "provider"
    on_request: ClassVar[bool] = True
    port_names: ClassVar[tuple[str, ...]] = ()  # it chooses one itself and says so in its first line
    module: ClassVar[str] = "strongroom_sandbox.providers"

    def __init__(self, directory: Path, vault: VaultServer) -> None:
        """Args: directory: The sandbox's folder, absolute. vault: The server that it drives."""
        super().__init__(directory)
        self.depends_on = (vault.name,)
        self.vault = vault
        self._stdout = self.home / "stdout"

    @property
    def debug_providers(self) -> str:
        """The value of PULUMI_DEBUG_PROVIDERS: `vault:PORT`.

        Raises:
            SandboxError: The provider does not run, or has not said where.
        """
        line, end, _ = self._stdout.read_text().partition("\n") if self._stdout.exists() else ("", "", "")
        name, _, port = line.partition(":")
        if not end or name != "vault" or not port.isdecimal():
            raise SandboxError(f"{self.name} has not written `vault:PORT` to {self._stdout}; see {self.log}")
        return line

    def describe(self) -> str:
        return self.debug_providers

    def prepare(self) -> None:
        self._stdout.touch(mode=0o600)

    def command(self) -> Command:
        return Command(
            argv=(sys.executable, "-m", self.module, "vault", "--token-file", str(self.vault.token_file)),
            environment={"VAULT_ADDR": self.vault.address, "VAULT_CACERT": str(self.vault.ca_file)},
            cwd=self.home,
            stdout=self._stdout,
        )

    def healthy(self) -> bool:
        try:
            port = int(self.debug_providers.rpartition(":")[2])
            socket.create_connection((HOST, port), timeout=2).close()
        except (SandboxError, OSError):
            return False
        return True
