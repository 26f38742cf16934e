"""etcd: where the Kubernetes API server keeps everything."""

from pathlib import Path
from typing import ClassVar

import requests

from strongroom_sandbox.certificates import Authority, CertificateFiles
from strongroom_sandbox.servers.built import BuiltServer
from strongroom_sandbox.servers.ports import HOST
from strongroom_sandbox.servers.server import Command
from strongroom_sandbox.toolchain.gotools import ETCD, GoTool


class Etcd(BuiltServer):
    """A single member. TLS, and nobody without a client certificate of the control plane's authority."""

    name: ClassVar[str] = "etcd"
    tool: ClassVar[GoTool] = ETCD
    port_names: ClassVar[tuple[str, ...]] = ("api", "peer")

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.authority = Authority(directory / "kube-ca")
        """Who vouches for the control plane: its servers and their clients."""
        self.data = self.home / "data"

    @property
    def address(self) -> str:
        """`https://127.0.0.1:PORT`: gRPC, and the same as JSON below `/v3`."""
        return f"https://{HOST}:{self.port()}"

    @property
    def client_files(self) -> CertificateFiles:
        """What a client shows that may do everything."""
        return CertificateFiles(self.home / "client.pem", self.home / "client.key")

    def describe(self) -> str:
        return self.address

    # Server

    def prepare(self) -> None:
        self.authority.prepare()
        self.authority.issue(self.home, also_client=True)
        self.authority.issue_to_client(self.home, "client")
        self.data.mkdir(mode=0o700, exist_ok=True)

    def command(self) -> Command:
        peer = f"https://{HOST}:{self.port('peer')}"
        certificate, key, authority = self.home / "tls.pem", self.home / "tls.key", self.authority.certificate
        options = {
            "name": "sandbox",
            "data-dir": self.data,
            "listen-client-urls": self.address,
            "advertise-client-urls": self.address,
            "cert-file": certificate,
            "key-file": key,
            "client-cert-auth": "true",
            "trusted-ca-file": authority,
            # It has no peers; what would listen for them asks for certificates all the same.
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"sandbox={peer}",
            "peer-cert-file": certificate,
            "peer-key-file": key,
            "peer-client-cert-auth": "true",
            "peer-trusted-ca-file": authority,
            "logger": "zap",
            "log-level": "warn",
        }
        return Command(
            argv=(str(self.binary), *(f"--{name}={value}" for name, value in options.items())),
            cwd=self.home,
            reads=(certificate, authority),
        )

    def healthy(self) -> bool:
        files = self.client_files
        try:
            with requests.Session() as session:
                session.trust_env = False
                session.verify, session.cert = str(self.authority.certificate), (str(files.certificate), str(files.key))
                return bool(session.get(f"{self.address}/health", timeout=5).json()["health"] == "true")
        except (OSError, ValueError):  # requests' own errors are OSErrors too
            return False
