"""The stand-in providers as servers; each started on request only, where the official provider cannot be had."""

import socket
import sys
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from strongroom_sandbox.providers.packages import PACKAGES
from strongroom_sandbox.servers.kube_apiserver import KubeApiServer
from strongroom_sandbox.servers.moto import Moto
from strongroom_sandbox.servers.ports import HOST
from strongroom_sandbox.servers.server import Command, SandboxError, Server
from strongroom_sandbox.servers.vault_server import VaultServer


class Provider(Server):
    """Serves the Pulumi engine, which attaches to it (`PULUMI_DEBUG_PROVIDERS`)."""

    package: ClassVar[str]
    """The Pulumi package that it stands in for."""
    on_request: ClassVar[bool] = True
    port_names: ClassVar[tuple[str, ...]] = ()  # it chooses one itself and says so in its first line
    module: ClassVar[str] = "strongroom_sandbox.providers"

    def __init__(self, directory: Path, drives: Server | None = None) -> None:
        """Args: directory: The sandbox's folder, absolute. drives: The server that it drives, if there is one."""
        super().__init__(directory)
        self.depends_on = (drives.name,) if drives else ()
        self._stdout = self.home / "stdout"

    @property
    @abstractmethod
    def file(self) -> Path:
        """The file that it is started with: credentials, or where it keeps its resources."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What else it is told. Nothing secret: processes of the same user can read it."""
        return {}

    @property
    def debug_providers(self) -> str:
        """Its part of PULUMI_DEBUG_PROVIDERS, such as `vault:PORT`.

        Raises:
            SandboxError: The provider does not run, or has not said where.
        """
        line, end, _ = self._stdout.read_text().partition("\n") if self._stdout.exists() else ("", "", "")
        name, _, port = line.partition(":")
        if not end or name != self.package or not port.isdecimal():
            raise SandboxError(f"{self.name} has not written `{self.package}:PORT` to {self._stdout}; see {self.log}")
        return line

    @property
    def listens_at(self) -> int:
        """The port that it has chosen. Raises SandboxError as `debug_providers` does."""
        return int(self.debug_providers.rpartition(":")[2])

    def describe(self) -> str:
        return self.debug_providers

    def prepare(self) -> None:
        self._stdout.touch(mode=0o600)

    def command(self) -> Command:
        option = PACKAGES[self.package].option
        return Command(
            argv=(sys.executable, "-m", self.module, self.package, option, str(self.file)),
            environment=self.environment,
            cwd=self.home,
            stdout=self._stdout,
        )

    def healthy(self) -> bool:
        try:
            socket.create_connection((HOST, self.listens_at), timeout=2).close()
        except (SandboxError, OSError):
            return False
        return True


class VaultProvider(Provider):
    """Drives the sandbox's OpenBao or Vault with the deployer's token."""

    name: ClassVar[str] = "provider"  # the first there was, and folders that exist have it under this name
    package: ClassVar[str] = "vault"

    def __init__(self, directory: Path, vault: VaultServer) -> None:
        super().__init__(directory, vault)
        self.vault = vault

    @property
    def file(self) -> Path:
        return self.vault.token_file

    @property
    def environment(self) -> Mapping[str, str]:
        return {"VAULT_ADDR": self.vault.address, "VAULT_CACERT": str(self.vault.ca_file)}


class AwsProvider(Provider):
    """Drives moto with the operator's key."""

    name: ClassVar[str] = "provider-aws"
    package: ClassVar[str] = "aws"
    # The SDK's many modules are read before the first line: some seconds, on a busy machine many.
    start_timeout_seconds: ClassVar[float] = 60

    def __init__(self, directory: Path, moto: Moto) -> None:
        super().__init__(directory, moto)
        self.moto = moto

    @property
    def file(self) -> Path:
        return self.moto.credentials_file

    @property
    def environment(self) -> Mapping[str, str]:
        return self.moto.environment()


class StoredProvider(Provider):
    """Keeps resources in a file of its own, as nobody has an emulator of the vendor's control plane."""

    start_timeout_seconds: ClassVar[float] = 60

    @property
    def file(self) -> Path:
        return self.home / "resources.json"


class AzureProvider(StoredProvider):
    """For `azure-native`."""

    name: ClassVar[str] = "provider-azure-native"
    package: ClassVar[str] = "azure-native"


class GcpProvider(StoredProvider):
    """For `gcp`."""

    name: ClassVar[str] = "provider-gcp"
    package: ClassVar[str] = "gcp"


class KubernetesProvider(Provider):
    """Drives the sandbox's API server as its administrator."""

    name: ClassVar[str] = "provider-kubernetes"
    package: ClassVar[str] = "kubernetes"
    start_timeout_seconds: ClassVar[float] = 60

    def __init__(self, directory: Path, kube: KubeApiServer) -> None:
        super().__init__(directory, kube)
        self.kube = kube

    @property
    def file(self) -> Path:
        return self.home / "releases.json"

    @property
    def environment(self) -> Mapping[str, str]:
        return {"KUBECONFIG": str(self.kube.kubeconfig)}
