"""The sandbox as a whole."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from strongroom.vault.profile import Flavour
from strongroom_sandbox.files import write
from strongroom_sandbox.servers import FLAVOURS
from strongroom_sandbox.servers.etcd import Etcd
from strongroom_sandbox.servers.issuer import Issuer
from strongroom_sandbox.servers.kube_apiserver import KubeApiServer
from strongroom_sandbox.servers.kube_controller_manager import KubeControllerManager
from strongroom_sandbox.servers.moto import ACCOUNT, REGION, Moto
from strongroom_sandbox.servers.postgres import Postgres
from strongroom_sandbox.servers.provider import (
    AwsProvider,
    AzureProvider,
    GcpProvider,
    KubernetesProvider,
    Provider,
    VaultProvider,
)
from strongroom_sandbox.servers.server import Report, SandboxError, Server
from strongroom_sandbox.service_accounts import ServiceAccounts

LOCK_TIMEOUT_SECONDS = 300
DEFAULT_FLAVOUR: Final[Flavour] = "openbao"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """One server, now."""

    name: str
    address: str
    """Empty if it has never been started."""
    pid: int | None
    state: str
    """`healthy`, `sealed`, `unhealthy` or `stopped`."""
    log: Path
    on_request: bool
    """Whether it is started only when asked for."""


class Sandbox:
    """Servers on loopback, with all that belongs to them in one folder.

    Every method can be repeated, and each works from what it finds: nothing is remembered in between.
    """

    def __init__(self, directory: Path, flavour: Flavour | None = None) -> None:
        """A view of the sandbox in a folder.

        Args:
            directory: Folder of the sandbox, usually `.sandbox`; made by `up`.
            flavour: Which server with Vault's API it has. The first `up` settles that for the folder; not given, it is
                what has been settled, or OpenBao.
        """
        self.directory = directory.absolute()
        self._flavour_file = self.directory / "flavour"
        self.vault = FLAVOURS[flavour or self._settled() or DEFAULT_FLAVOUR](self.directory)
        self.postgres = Postgres(self.directory)
        self.issuer = Issuer(self.directory)
        self.moto = Moto(self.directory)
        self.etcd = Etcd(self.directory)
        self.kube = KubeApiServer(self.directory, self.etcd)
        self.controllers = KubeControllerManager(self.directory, self.kube)
        self.service_accounts = ServiceAccounts(self.directory, self.kube)
        self.provider = VaultProvider(self.directory, self.vault)
        stand_ins: tuple[Provider, ...] = (
            self.provider,
            AwsProvider(self.directory, self.moto),
            AzureProvider(self.directory),
            GcpProvider(self.directory),
            KubernetesProvider(self.directory, self.kube),
        )
        self.providers = {stand_in.package: stand_in for stand_in in stand_ins}
        """The stand-ins by Pulumi package."""
        control_plane = (self.etcd, self.kube, self.controllers)
        every: tuple[Server, ...] = (self.vault, self.postgres, self.issuer, *control_plane, self.moto, *stand_ins)
        self.servers = {server.name: server for server in every}

    def up(self, report: Report = print, only: Iterable[str] | None = None) -> None:
        """Start every server that does not run, and settle all of them.

        Args:
            report: Called with each line of progress.
            only: Names of the servers to start, with those they depend on; all but those on request if not given.

        Raises:
            SandboxError: A server does not start, `only` names an unknown one, or the folder is of another flavour.
        """
        with self._locked(report):
            names = self._in_order(only)
            self._settle_flavour()
            for name in names:
                self.servers[name].up(report)
            if {self.vault.name, self.postgres.name} <= set(names):
                self._agree_on_first_password(report)

    def down(self, report: Report = print) -> None:
        """Stop every process that belongs to the sandbox; what the servers hold stays."""
        if not self.directory.exists() and not any(server.processes() for server in self.servers.values()):
            return
        # A stack goes backwards, and to its end: whatever becomes of one, the others are stopped too.
        with self._locked(report), ExitStack() as stopping:
            for name in self._in_order(self.servers):
                stopping.callback(_stop, self.servers[name], report)

    def status(self) -> list[ServerStatus]:
        """Every server, in the order in which they start."""
        return [_status(self.servers[name]) for name in self._in_order(self.servers)]

    def environment(self, *, with_token: bool = True) -> dict[str, str]:
        """What a process needs to talk to OpenBao or Vault as the deployer, and to the cluster as its administrator.
        `VAULT_TOKEN` is secret."""
        variables = {"VAULT_ADDR": self.vault.address, "VAULT_CACERT": str(self.vault.ca_file)}
        variables |= {"KUBECONFIG": str(self.kube.kubeconfig)} if self.kube.has_run else {}
        return variables | ({"VAULT_TOKEN": self.vault.token_file.read_text()} if with_token else {})

    def settings(self) -> dict[str, str]:
        """Settings of an environment that is deployed to this sandbox, of the servers it has had so far. None is
        secret."""
        of_servers: dict[str, Callable[[], dict[str, str]]] = {
            self.postgres.name: lambda: {
                "orders_db_host": self.postgres.host,
                "orders_db_port": str(self.postgres.port()),
            },
            self.issuer.name: lambda: {"issuer_url": self.issuer.url, "issuer_ca_pem": self.issuer.ca_pem},
            self.kube.name: lambda: {"kubernetes_server": self.kube.server, "kubernetes_ca_pem": self.kube.ca_pem},
        }
        found = self.vault.stack_settings() | {"aws_account": ACCOUNT, "aws_region": REGION}  # the same always
        for name, settings in of_servers.items():
            found |= settings() if self.servers[name].has_run else {}
        return found

    def secret_files(self) -> dict[str, Path]:
        """Files (0600) whose whole content is a secret value, by name: what a search for leaks looks for."""
        files = {
            "the deployer's token": self.vault.token_file,
            f"the first password of {self.postgres.admin}": self.postgres.first_password_file,
            "the issuer's signing key": self.issuer.home / "signing.key",
            "the issuer's TLS key": self.issuer.home / "tls.key",
            "the cluster's token signing key": self.kube.signing_key,
            "the reviewer's token": self.service_accounts.reviewer_file,
            "the cluster administrator's key": self.kube.home / "admin.key",
            "the cluster's authority's key": self.directory / "kube-ca" / "ca.key",
            f"{self.vault.title}'s TLS key": self.vault.home / "tls.key",
            "the AWS operator's key": self.moto.operator_file,
            "the authority's key": self.directory / "ca" / "ca.key",
            "the passphrase of the state": self.directory / "pulumi" / "passphrase",
        }
        return {name: path for name, path in files.items() if path.exists()}

    def _agree_on_first_password(self, report: Report) -> None:
        """A server that starts anew has lost the password it had rotated to; the database gets a first one again.

        Which server the first password is meant for is written down last, so an interruption only repeats the reset.
        """
        file = self.postgres.home / "first_password_for"
        meant_for = file.read_text() if file.exists() else None
        if meant_for == (cluster_id := self.vault.cluster_id):
            return
        self.postgres.reset_first_password()
        write(file, cluster_id)
        if meant_for:
            anew = f"as {self.vault.title} started anew"
            report(f"{self.postgres.name}: {self.postgres.admin} has a first password again, {anew}")

    def _settled(self) -> Flavour | None:
        text = self._flavour_file.read_text() if self._flavour_file.exists() else None
        return next((flavour for flavour in FLAVOURS if flavour == text), None)

    def _settle_flavour(self) -> None:
        settled = self._settled()
        if settled is None:
            write(self._flavour_file, self.vault.flavour)
        elif settled != self.vault.flavour:
            have, asked = FLAVOURS[settled].title, self.vault.title
            raise SandboxError(
                f"the sandbox in {self.directory} has {have}, asked for is {asked}: take another folder with "
                "`--directory`, or run `strongroom sandbox down` and remove this one, with all that it holds"
            )

    def _in_order(self, only: Iterable[str] | None) -> Sequence[str]:
        wanted = (
            [name for name, server in self.servers.items() if not server.on_request] if only is None else list(only)
        )
        if unknown := set(wanted) - set(self.servers):
            raise SandboxError(f"unknown server {', '.join(sorted(unknown))}; there are {', '.join(self.servers)}")
        graph: dict[str, tuple[str, ...]] = {}
        for name in wanted:  # grows by what each depends on
            graph[name] = self.servers[name].depends_on
            wanted += [needed for needed in graph[name] if needed not in graph]
        return list(TopologicalSorter(graph).static_order())

    @contextmanager
    def _locked(self, report: Report) -> Iterator[None]:
        """One command at a time; the lock goes with the process that holds it, however that ends."""
        self.directory.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.directory / "lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            report(f"another command is at work in {self.directory}; waiting for it")
            try:
                lock.acquire(timeout=LOCK_TIMEOUT_SECONDS)
            except Timeout:
                raise SandboxError(
                    f"another command has been at work in {self.directory} for {LOCK_TIMEOUT_SECONDS} s: end it first"
                ) from None
        try:
            yield
        finally:
            lock.release()


def _stop(server: Server, report: Report) -> None:
    if server.processes():
        report(f"{server.name}: stopping")
    server.stop()


def _status(server: Server) -> ServerStatus:
    process = server.process
    try:
        address = server.describe()
    except SandboxError:
        address = ""
    return ServerStatus(
        name=server.name,
        address=address,
        pid=process.pid if process else None,
        state=server.state(),
        log=server.log,
        on_request=server.on_request,
    )
