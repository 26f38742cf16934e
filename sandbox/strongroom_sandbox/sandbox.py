"""The sandbox as a whole."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

from filelock import FileLock, Timeout

from strongroom_sandbox.files import write
from strongroom_sandbox.servers import SERVERS
from strongroom_sandbox.servers.issuer import Issuer
from strongroom_sandbox.servers.openbao import OpenBao
from strongroom_sandbox.servers.postgres import Postgres
from strongroom_sandbox.servers.provider import Provider
from strongroom_sandbox.servers.server import Report, SandboxError, Server

LOCK_TIMEOUT_SECONDS = 300


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

    def __init__(self, directory: Path) -> None:
        """Args: directory: Folder of the sandbox, usually `.sandbox`; made by `up`."""
        self.directory = directory.absolute()
        self.servers: dict[str, Server] = {kind.name: kind(self.directory) for kind in SERVERS}
        self.openbao = OpenBao(self.directory)
        self.postgres = Postgres(self.directory)
        self.issuer = Issuer(self.directory)
        self.provider = Provider(self.directory)

    def up(self, report: Report = print, only: Iterable[str] | None = None) -> None:
        """Start every server that does not run, and settle all of them.

        Args:
            report: Called with each line of progress.
            only: Names of the servers to start, with those they depend on; all but those on request if not given.

        Raises:
            SandboxError: A server does not start, or `only` names an unknown one.
        """
        with self._locked(report):
            names = self._in_order(only)
            for name in names:
                self.servers[name].up(report)
            if {OpenBao.name, Postgres.name} <= set(names):
                self._agree_on_first_password(report)

    def down(self, report: Report = print) -> None:
        """Stop every process that belongs to the sandbox; what the servers hold stays."""
        if not self.directory.exists() and not any(server.processes() for server in self.servers.values()):
            return
        with self._locked(report):
            for name in reversed(self._in_order(self.servers)):
                server = self.servers[name]
                if server.processes():
                    report(f"{name}: stopping")
                server.stop()

    def status(self) -> list[ServerStatus]:
        """Every server, in the order in which they start."""
        return [_status(self.servers[name]) for name in self._in_order(self.servers)]

    def environment(self, *, with_token: bool = True) -> dict[str, str]:
        """What a process needs to talk to OpenBao as the deployer. `VAULT_TOKEN` is secret."""
        variables = {"VAULT_ADDR": self.openbao.address, "VAULT_CACERT": str(self.openbao.ca_file)}
        return variables | ({"VAULT_TOKEN": self.openbao.token_file.read_text()} if with_token else {})

    def settings(self) -> dict[str, str]:
        """Settings of an environment that is deployed to this sandbox. None is secret."""
        return {
            "orders_db_host": self.postgres.host,
            "orders_db_port": str(self.postgres.port()),
            "issuer_url": self.issuer.url,
            "issuer_ca_pem": self.issuer.ca_pem,
        }

    def secret_files(self) -> dict[str, Path]:
        """Files (0600) whose whole content is a secret value, by name: what a search for leaks looks for."""
        files = {
            "the deployer's token": self.openbao.token_file,
            f"the first password of {self.postgres.admin}": self.postgres.first_password_file,
            "the issuer's signing key": self.issuer.home / "signing.key",
            "the issuer's TLS key": self.issuer.home / "tls.key",
            "OpenBao's TLS key": self.openbao.home / "tls.key",
            "the authority's key": self.directory / "ca" / "ca.key",
            "the passphrase of the state": self.directory / "pulumi" / "passphrase",
        }
        return {name: path for name, path in files.items() if path.exists()}

    def _agree_on_first_password(self, report: Report) -> None:
        """An OpenBao that starts anew has lost the password it had rotated to; the database gets a first one again.

        Which OpenBao the first password is meant for is written down last, so an interruption only repeats the reset.
        """
        file = self.postgres.home / "first_password_for"
        meant_for = file.read_text() if file.exists() else None
        if meant_for == (cluster_id := self.openbao.cluster_id):
            return
        self.postgres.reset_first_password()
        write(file, cluster_id)
        if meant_for:
            report(f"{self.postgres.name}: {self.postgres.admin} has a first password again, as OpenBao started anew")

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
