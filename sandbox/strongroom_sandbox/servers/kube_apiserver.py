"""The Kubernetes API server, as in production where it can be: TLS, RBAC, audited, Secrets encrypted at rest."""

import json
from pathlib import Path
from typing import Any, ClassVar, Final

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from urllib3.exceptions import HTTPError

from strongroom.kubernetes.encryption.document import configuration_of
from strongroom.kubernetes.encryption.keys import Key, next_entry
from strongroom.kubernetes.encryption.render import render
from strongroom.kubernetes.encryption.ring import Ring
from strongroom_sandbox.certificates import Authority, CertificateFiles
from strongroom_sandbox.files import write, write_secret
from strongroom_sandbox.servers.built import BuiltServer
from strongroom_sandbox.servers.etcd import Etcd
from strongroom_sandbox.servers.ports import HOST
from strongroom_sandbox.servers.server import Command, Report
from strongroom_sandbox.toolchain.gotools import KUBE_APISERVER, GoTool

CONTEXT: Final = "sandbox"
"""The context of its kubeconfig."""
ADMIN: Final = "admin"
CONTROLLER_MANAGER: Final = "system:kube-controller-manager"
"""The name by which Kubernetes' own roles know it ("Using RBAC Authorization")."""

AUDIT_POLICY: Final = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        # The control plane reads everything all the time.
        {"level": "None", "users": ["system:apiserver", CONTROLLER_MANAGER], "verbs": ["get", "list", "watch"]},
        # Who did what to which object, and never what was in it: Kubernetes, "Auditing".
        {"level": "Metadata"},
    ],
}


class KubeApiServer(BuiltServer):
    """One API server. Several of a sandbox share etcd, the authority, and the key of service accounts' tokens."""

    name: ClassVar[str] = "kube-apiserver"
    tool: ClassVar[GoTool] = KUBE_APISERVER
    settle_errors: ClassVar[tuple[type[Exception], ...]] = (OSError, HTTPError)
    start_timeout_seconds: ClassVar[float] = 120  # on a busy machine; alone it takes some five seconds
    stop_patience_seconds: ClassVar[float] = 20

    def __init__(self, directory: Path, etcd: Etcd, folder: str = "") -> None:
        """A view of an API server.

        Args:
            etcd: Where it keeps everything; of the same sandbox.
            folder: Of a further one beside the first.
        """
        super().__init__(directory, folder)
        self.etcd = etcd
        self.depends_on = (etcd.name,)
        self.authority = Authority(directory / "kube-ca")
        self.context = CONTEXT
        self.audit_log = self.home / "audit.log"
        """One JSON object a line for each request; no bodies."""
        self.encryption_file = self.home / "encryption.yaml"
        """Its EncryptionConfiguration (0600); it reads it again when it changes."""
        self.signing_key = directory / "kube-ca" / "service-accounts.key"
        """The key (0600) that signs tokens of service accounts."""
        self._public = directory / "kube-ca" / "service-accounts.pem"

    @property
    def server(self) -> str:
        """`https://127.0.0.1:PORT`, which is also the issuer of service accounts' tokens."""
        return f"https://{HOST}:{self.port()}"

    @property
    def ca_pem(self) -> str:
        """Certificate of the authority that vouches for it (PEM)."""
        return self.authority.certificate.read_text()

    @property
    def kubeconfig(self) -> Path:
        """Who may do everything (0600). Whoever grants rights to everybody is an administrator anyway."""
        return self.home / "admin.kubeconfig"

    def client(self) -> Any:
        """A client of the official library, as the administrator. Close it."""
        from kubernetes.config import new_client_from_config  # noqa: PLC0415  slow to import, and only needed here

        return new_client_from_config(config_file=str(self.kubeconfig), context=self.context)

    def describe(self) -> str:
        return self.server

    # Server

    def prepare(self) -> None:
        self.authority.prepare()
        self.authority.issue(self.home)
        self._ensure_signing_key()
        self.write_kubeconfig(self.kubeconfig, self.authority.issue_to_client(self.home, ADMIN, "system:masters"))
        write(self.home / "audit-policy.yaml", json.dumps(AUDIT_POLICY))
        if not self.encryption_file.exists():
            write_secret(self.encryption_file, _first_configuration())

    def command(self) -> Command:
        files, policy = self.etcd.client_files, self.home / "audit-policy.yaml"
        options = {
            "etcd-servers": self.etcd.address,
            "etcd-cafile": self.authority.certificate,
            "etcd-certfile": files.certificate,
            "etcd-keyfile": files.key,
            "bind-address": HOST,
            "secure-port": self.port(),
            "tls-cert-file": self.home / "tls.pem",
            "tls-private-key-file": self.home / "tls.key",
            "tls-min-version": "VersionTLS13",
            "client-ca-file": self.authority.certificate,
            "authorization-mode": "RBAC",
            "service-account-issuer": self.issuer,
            # By default it names the machine's own address, where nothing listens.
            "service-account-jwks-uri": f"{self.issuer}/openid/v1/jwks",
            "service-account-key-file": self._public,
            "service-account-signing-key-file": self.signing_key,
            "service-cluster-ip-range": "10.0.0.0/24",
            # It would publish 127.0.0.1 as the address of the service `kubernetes`, which Kubernetes refuses.
            "endpoint-reconciler-type": "none",
            "encryption-provider-config": self.encryption_file,
            "encryption-provider-config-automatic-reload": "true",
            "audit-policy-file": policy,
            "audit-log-path": self.audit_log,
            "audit-log-maxsize": 20,
            "audit-log-maxbackup": 2,
            "profiling": "false",
        }
        return Command(
            argv=(str(self.binary), *(f"--{name}={value}" for name, value in options.items())),
            cwd=self.home,
            reads=(policy, self.home / "tls.pem", self.authority.certificate),
        )

    @property
    def issuer(self) -> str:
        """Who signs tokens of service accounts: the first API server of the sandbox."""
        return KubeApiServer(self.directory, self.etcd).server

    def healthy(self) -> bool:
        certificate, key = self.home / f"{ADMIN}.pem", self.home / f"{ADMIN}.key"
        try:
            with requests.Session() as session:
                session.trust_env = False
                session.verify, session.cert = str(self.authority.certificate), (str(certificate), str(key))
                return session.get(f"{self.server}/readyz", timeout=5).text == "ok"
        except OSError:  # requests' own errors are OSErrors too
            return False

    def settle(self, report: Report) -> None:  # noqa: ARG002
        """Lets everybody read the issuer's public keys, as Vault does without a login: Kubernetes, "Service account
        issuer discovery"."""
        from kubernetes.client import RbacAuthorizationV1Api  # noqa: PLC0415
        from kubernetes.client.exceptions import ApiException  # noqa: PLC0415

        role = "system:service-account-issuer-discovery"
        body = {
            "metadata": {"name": f"{role}-anonymous"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:unauthenticated"}],
        }
        with self.client() as client:
            try:
                RbacAuthorizationV1Api(client).create_cluster_role_binding(body)
            except ApiException as error:
                if error.status != requests.codes.conflict:  # it is there already
                    raise OSError(f"the API server refused a ClusterRoleBinding: {error.reason}") from error

    def write_kubeconfig(self, path: Path, files: CertificateFiles) -> None:
        """A kubeconfig (0600) for whoever has a client certificate. JSON, which is YAML too."""
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": CONTEXT,
            "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
            "clusters": [
                {
                    "name": CONTEXT,
                    "cluster": {"server": self.server, "certificate-authority": str(self.authority.certificate)},
                }
            ],
            "users": [
                {
                    "name": CONTEXT,
                    "user": {"client-certificate": str(files.certificate), "client-key": str(files.key)},
                }
            ],
        }
        write_secret(path, json.dumps(config, indent=2))

    # Details

    def _ensure_signing_key(self) -> None:
        if self._public.exists():
            return
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = serialization.Encoding.PEM
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
        write_secret(self.signing_key, private.decode())
        write(self._public, public.decode())  # last: it says that the key is complete


def _first_configuration() -> str:
    """A new cluster holds no plain text, so nothing has to be read as such."""
    first = next_entry("secretbox", known=())
    return render(configuration_of(("secrets",), (), (), Ring((first,))), {first: Key.new()}).decode()
