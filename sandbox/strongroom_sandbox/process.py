"""Server processes: started apart from the terminal, found again later, and never mistaken for another.

A pid alone says little: pids are reused. A process is therefore named by its pid, its start in clock ticks since
boot, and the boot (proc(5): `/proc/pid/stat` field 22, `/proc/sys/kernel/random/boot_id`), none of which moves
when the wall clock is set. Each process also carries a tag in its environment, which finds it even if whoever
started it was killed before the pid could be written down.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Self

from strongroom_sandbox.files import write

TAG = "STRONGROOM_SANDBOX_SERVER"
"""Environment variable of every process started here; its value says which server of which sandbox it is."""

LARGEST_LOG_BYTES = 5_000_000
"""A log longer than this is put aside, as `log.1`, when its server starts."""
KILL_PATIENCE_SECONDS = 10
_PROC = Path("/proc")
_children: dict[int, subprocess.Popen[bytes]] = {}  # kept so that those we started ourselves can be reaped


@dataclass(frozen=True, slots=True)
class Process:
    """One particular process, also after its pid has been given to another."""

    pid: int
    started: str
    """Boot and clock ticks since boot."""

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """The process that has this pid now, or None if none has or if it has already ended (a zombie)."""
        if (child := _children.get(pid)) and child.poll() is not None:
            del _children[pid]
        try:
            # The name, in parentheses, may itself hold spaces and parentheses; the fields start after the last one.
            state, *fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        # If only its main thread has ended, the others (proc(5), `num_threads`) still hold its ports.
        if state in "ZX" and int(fields[16]) <= 1:
            return None
        return cls(pid, f"{_boot()}:{fields[18]}")

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return Process.of(self.pid) == self

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended meanwhile."""
        if self.alive:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return


@dataclass(frozen=True, slots=True)
class PidFile:
    """Who was started, and with which command."""

    process: Process
    command: str
    """Digest of what was run; another one means that a running process is out of date."""

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """What the file says, or None if there is none. Whether the process is alive is another question."""
        try:
            record = json.loads(path.read_text())
        except FileNotFoundError:
            return None
        return cls(Process(**record["process"]), record["command"])

    def write(self, path: Path) -> None:
        write(path, json.dumps(asdict(self)) + "\n")


def spawn(
    argv: Sequence[str],
    *,
    tag: str,
    cwd: Path,
    log: Path,
    environment: Mapping[str, str] = MappingProxyType({}),
    stdout: Path | None = None,
) -> Process:
    """Start a process in a session of its own, so that Ctrl-C in a terminal does not reach it.

    It gets exactly the given environment and a `PATH`: settings of the person who starts it (VAULT_TOKEN, proxies,
    PGHOST) must not leak into a server.

    Args:
        tag: Value of the environment variable `TAG`.
        log: Receives standard error, and standard output too if `stdout` is not given. Appended to.
        stdout: Receives standard output; emptied first.
    """
    with _open(log, os.O_APPEND) as errors, _open(stdout or log, os.O_TRUNC if stdout else os.O_APPEND) as out:
        child = subprocess.Popen(
            argv,
            cwd=cwd,
            env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", **environment, TAG: tag},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            start_new_session=True,
        )
    _children[child.pid] = child
    # Until it is waited for its pid cannot be reused, so this is the right process even if it has ended at once.
    return Process.of(child.pid) or Process(child.pid, "ended")


def run(argv: Sequence[str], *, tag: str, cwd: Path, log: Path, timeout_seconds: float) -> int:
    """Run a process to its end and return its exit code; otherwise like `spawn`.

    Raises:
        subprocess.TimeoutExpired: It takes longer; it is killed.
    """
    child = _children[spawn(argv, tag=tag, cwd=cwd, log=log).pid]
    try:
        return child.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        raise


def tagged(tag: str) -> list[Process]:
    """Every process that was started with this tag, and its children."""
    mark = f"{TAG}={tag}".encode()
    return [process for process in _all() if mark in _read(process, "environ").split(b"\0")]


def running_in(executable: Path, directory: Path) -> list[Process]:
    """Every process of this executable that works in this directory."""
    return [p for p in _all() if _link(p, "exe") == executable.resolve() and _link(p, "cwd") == directory.resolve()]


def stop(find: Callable[[], Iterable[Process]], *, politely: signal.Signals, patience_seconds: float) -> None:
    """Ask every process that `find` finds to end, wait, then kill what is left; returns when none is left.

    Raises:
        TimeoutError: A process does not even end when killed.
    """
    asked = list(find())
    for process in asked:
        process.send(politely)
    wait_until(partial(_ended, asked), patience_seconds)
    while remaining := [process for process in {*asked, *find()} if process.alive]:
        for process in remaining:
            process.send(signal.SIGKILL)
        if not wait_until(partial(_ended, remaining), KILL_PATIENCE_SECONDS):
            raise TimeoutError(f"killed, but still there: pid {', '.join(str(process.pid) for process in remaining)}")


def _ended(processes: Iterable[Process]) -> bool:
    return not any(process.alive for process in processes)


def wait_until(condition: Callable[[], bool], timeout_seconds: float) -> bool:
    """Ask again and again; True as soon as the condition holds, False if it does not in time."""
    deadline = time.monotonic() + timeout_seconds
    while not (holds := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds


def tail(log: Path, *, from_byte: int = 0, lines: int = 20) -> str:
    """The last lines of a log, of what was written from `from_byte` on."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(from_byte, log.stat().st_size - 64_000))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])


def _open(path: Path, how: int) -> BinaryIO:
    if path.exists() and path.stat().st_size > LARGEST_LOG_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    # A folder that came with somebody's archive must not have us write to where its links point.
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | how, 0o600), "ab")


@cache
def _boot() -> str:
    return (_PROC / "sys/kernel/random/boot_id").read_text().strip()


def _all() -> Iterable[Process]:
    for entry in _PROC.iterdir():
        if entry.name.isdecimal() and (process := Process.of(int(entry.name))):
            yield process


def _read(process: Process, name: str) -> bytes:
    try:
        return (_PROC / str(process.pid) / name).read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):  # ended meanwhile, or another user's
        return b""


def _link(process: Process, name: str) -> Path | None:
    try:
        return (_PROC / str(process.pid) / name).readlink()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
