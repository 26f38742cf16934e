"""A server with Vault's API, as in production where it can be: TLS, integrated storage, sealed when it stops, audited.

What only one of the two flavours does is in `openbao.py` and `hashicorp_vault.py`.
"""

import json
import shutil
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import ClassVar

import hvac
import requests
from hvac.exceptions import VaultError

from strongroom.vault.profile import Flavour
from strongroom_sandbox.certificates import Authority
from strongroom_sandbox.files import write, write_secret
from strongroom_sandbox.process import wait_until
from strongroom_sandbox.servers import deployer
from strongroom_sandbox.servers.ports import HOST
from strongroom_sandbox.servers.server import Command, Report, Server

UNSEAL_TIMEOUT_SECONDS = 20


class VaultServer(Server):
    """A single node with Vault's API."""

    flavour: ClassVar[Flavour]
    """Also its name."""
    title: ClassVar[str]
    """The product's name."""
    port_names: ClassVar[tuple[str, ...]] = ("api", "cluster")
    settle_errors: ClassVar[tuple[type[Exception], ...]] = (OSError, VaultError)  # requests' own errors are OSErrors

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.authority = Authority(directory / "ca")
        self.token_file = self.home / "deployer.token"
        """Token of the deployer, who may do what Strongroom needs and is not root (0600)."""
        self.audit_log = self.home / "audit.log"
        """One JSON object a line for every request and every answer; values are hashed by the server."""
        self._binary = Path()
        self._keys_file = self.home / "keys.json"
        self._data = self.home / "data"

    @property
    def address(self) -> str:
        """`https://127.0.0.1:PORT`."""
        return f"https://{HOST}:{self.port('api')}"

    @property
    def ca_file(self) -> Path:
        """Certificate of the authority that vouches for the server (PEM)."""
        return self.authority.certificate

    def describe(self) -> str:
        return self.address

    def workload_client(self) -> hvac.Client:
        """A client without a token, as a workload has it before it logs in."""
        return self._client("")

    def client(self) -> hvac.Client:
        """A client with the deployer's token."""
        return self._client(self.token_file.read_text())

    def root_client(self) -> hvac.Client:
        """A client with the root token. For tests, and for what has to be done before there is a deployer."""
        return self._client(self.keys["root_token"])

    @property
    def cluster_id(self) -> str:
        """Changes when the server loses all that it held and starts anew."""
        with self._anonymous() as client:
            return str(client.sys.read_health_status(method="GET")["cluster_id"])

    # What a flavour must say.

    @abstractmethod
    def obtain(self, report: Report) -> Path:
        """The program; where it has to be built first, that takes minutes.

        Raises:
            SandboxError: It cannot be had.
        """

    def settings(self) -> dict[str, object]:
        """What its configuration says beside what both flavours understand."""
        return {}

    def stack_settings(self) -> dict[str, str]:
        """Settings of an environment that is deployed to it. None is secret."""
        return {"vault_flavour": self.flavour}

    def ensure_audited(self, root: hvac.Client) -> None:
        """Have every request recorded in `audit_log`. Every time, whatever was interrupted."""

    # Server

    def up(self, report: Report) -> None:
        self._binary = self.obtain(report)
        super().up(report)

    def prepare(self) -> None:
        self.authority.prepare()
        certificate = self.authority.issue(self.home)
        settings = self._common_settings(certificate.certificate, certificate.key) | self.settings()
        write(self._configuration, json.dumps(settings, indent=2))

    def command(self) -> Command:
        configuration = self.configuration_files()
        return Command(
            argv=(str(self._binary), "server", *(f"-config={path}" for path in configuration)),
            environment={"HOME": str(self.home)},
            cwd=self.home,
            reads=(*configuration, self.home / "tls.pem"),
        )

    def configuration_files(self) -> tuple[Path, ...]:
        """What it is started with."""
        return (self._configuration,)

    def start(self) -> None:
        if not self._keys_file.exists():
            # Whoever initialised this storage was killed before the keys were saved: nobody can ever unseal it.
            shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(mode=0o700, exist_ok=True)
        super().start()

    def healthy(self) -> bool:
        """Whether it answers; it may be sealed."""
        return self._seal_status() is not None

    def state(self) -> str:
        state = super().state()
        status = self._seal_status() if state == "healthy" else None
        return "sealed" if status and status["sealed"] else state

    def settle(self, report: Report) -> None:
        with self._anonymous() as client:
            initialised = client.sys.is_initialized()
        if initialised and not self._keys_file.exists():
            report(f"{self.name}: initialised, but its keys were never saved; starting anew, nothing can be lost")
            self.stop()
            self.start()
            initialised = False
        with self._anonymous() as client:
            if not initialised:
                self._initialise(client)
                report(f"{self.name}: initialised")
            if client.sys.is_sealed():
                client.sys.submit_unseal_key(self.keys["unseal_key"])
                report(f"{self.name}: unsealed")
            if not wait_until(lambda: self._leads(client), UNSEAL_TIMEOUT_SECONDS):
                raise TimeoutError(f"unsealed, but not active after {UNSEAL_TIMEOUT_SECONDS} s")
        with self._session(self.keys["root_token"]) as root:
            self.ensure_audited(root)
            deployer.ensure(root, self.token_file)

    # Details

    @property
    def _configuration(self) -> Path:
        return self.home / "server.json"

    def _common_settings(self, certificate: Path, key: Path) -> dict[str, object]:
        # JSON, which is read as well as HCL: no path can break out of it.
        cluster = f"{HOST}:{self.port('cluster')}"
        return {
            # Raft rather than file: it is what both recommend, survives kill -9 by its log, and has transactions.
            "storage": {"raft": {"path": str(self._data), "node_id": "sandbox", "performance_multiplier": 1}},
            "listener": {
                "tcp": {
                    "address": f"{HOST}:{self.port('api')}",
                    "cluster_address": cluster,
                    "tls_cert_file": str(certificate),
                    "tls_key_file": str(key),
                    "tls_min_version": "tls13",
                }
            },
            "api_addr": self.address,
            "cluster_addr": f"https://{cluster}",
            "ui": True,  # custom headers are sent with it only
        }

    @property
    def keys(self) -> dict[str, str]:
        keys: dict[str, str] = json.loads(self._keys_file.read_text())
        return keys

    def _initialise(self, client: hvac.Client) -> None:
        # Keys of an earlier storage must not be taken for this one's, should we be killed before saving them.
        self._keys_file.unlink(missing_ok=True)
        self.token_file.unlink(missing_ok=True)
        answer = client.sys.initialize(secret_shares=1, secret_threshold=1)
        keys = {"unseal_key": answer["keys_base64"][0], "root_token": answer["root_token"]}
        write_secret(self._keys_file, json.dumps(keys))

    def _seal_status(self) -> dict[str, object] | None:
        try:
            with self._anonymous() as client:
                status: dict[str, object] = client.sys.read_seal_status()
        except self.settle_errors:
            return None
        return status

    @staticmethod
    def _leads(client: hvac.Client) -> bool:
        """Whether it is unsealed and leads its cluster of one (it is a standby until it has elected itself)."""
        return bool(client.sys.read_health_status(method="HEAD").status_code == requests.codes.ok)

    def _client(self, token: str) -> hvac.Client:
        session = requests.Session()
        session.trust_env = False  # neither a proxy nor another CA bundle stands between us and loopback
        session.verify = str(self.ca_file)
        return hvac.Client(url=self.address, token=token, verify=str(self.ca_file), session=session, timeout=10)

    @contextmanager
    def _session(self, token: str) -> Iterator[hvac.Client]:
        client = self._client(token)
        try:
            yield client
        finally:
            client.adapter.close()

    def _anonymous(self) -> AbstractContextManager[hvac.Client]:
        return self._session("")
