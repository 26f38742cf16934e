"""The controllers without which an API server only keeps records: deletion, garbage collection, service accounts."""

from pathlib import Path
from typing import ClassVar, Final

import requests

from strongroom_sandbox.servers.built import BuiltServer
from strongroom_sandbox.servers.kube_apiserver import CONTROLLER_MANAGER, KubeApiServer
from strongroom_sandbox.servers.ports import HOST
from strongroom_sandbox.servers.server import Command
from strongroom_sandbox.toolchain.gotools import KUBE_CONTROLLER_MANAGER, GoTool

CONTROLLERS: Final = (
    "garbage-collector-controller",
    "namespace-controller",
    "serviceaccount-controller",
    "serviceaccount-token-controller",
    "root-ca-certificate-publisher-controller",
    "clusterrole-aggregation-controller",
)
"""There are no nodes, so nothing runs; these are what Secrets and service accounts need."""


class KubeControllerManager(BuiltServer):
    """Kubernetes' own controllers, as far as they concern secrets."""

    name: ClassVar[str] = "kube-controller-manager"
    tool: ClassVar[GoTool] = KUBE_CONTROLLER_MANAGER
    start_timeout_seconds: ClassVar[float] = 60

    def __init__(self, directory: Path, kube: KubeApiServer) -> None:
        super().__init__(directory)
        self.kube = kube
        self.depends_on = (kube.name,)
        self.kubeconfig = self.home / "kubeconfig"

    def describe(self) -> str:
        return f"https://{HOST}:{self.port()}"

    # Server

    def prepare(self) -> None:
        authority = self.kube.authority
        authority.issue(self.home)
        self.kube.write_kubeconfig(self.kubeconfig, authority.issue_to_client(self.home, CONTROLLER_MANAGER))

    def command(self) -> Command:
        options = {
            "kubeconfig": self.kubeconfig,
            "bind-address": HOST,
            "secure-port": self.port(),
            "tls-cert-file": self.home / "tls.pem",
            "tls-private-key-file": self.home / "tls.key",
            "controllers": ",".join(CONTROLLERS),
            "use-service-account-credentials": "true",
            "service-account-private-key-file": self.kube.signing_key,
            "root-ca-file": self.kube.authority.certificate,
            "leader-elect": "false",  # it is the only one
            "profiling": "false",
        }
        return Command(
            argv=(str(self.binary), *(f"--{name}={value}" for name, value in options.items())),
            cwd=self.home,
            reads=(self.kubeconfig, self.home / "tls.pem"),
        )

    def healthy(self) -> bool:
        try:
            with requests.Session() as session:
                session.trust_env = False
                session.verify = str(self.kube.authority.certificate)
                return session.get(f"{self.describe()}/healthz", timeout=5).text == "ok"
        except OSError:  # requests' own errors are OSErrors too
            return False
