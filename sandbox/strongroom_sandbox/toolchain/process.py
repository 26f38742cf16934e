"""Runs long commands with visible progress, bounded in time and without leaving anything behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from strongroom_sandbox.toolchain.errors import ToolchainError

Report = Callable[[str], None]
#: How often something is said while a command runs, in seconds.
PROGRESS_SECONDS = 10.0
_TAIL_LINES = 20


def run(
    argv: Sequence[str],
    *,
    doing: str,
    report: Report,
    timeout_seconds: float,
    environment: Mapping[str, str] | None = None,
    count: Callable[[str], str | None] = lambda _line: None,
    every_seconds: float = PROGRESS_SECONDS,
) -> str:
    """Run `argv` to its end, say every few seconds how far it is, and return what it printed last.

    `count` names what a line of output stands for ("packages compiled"), so that progress shows numbers and
    not only seconds. Raises ToolchainError with the last lines if the command fails or takes longer than
    `timeout_seconds`. The command and its children die with this call, also when it is interrupted.
    """
    started = time.monotonic()
    tail: deque[str] = deque(maxlen=_TAIL_LINES)
    counts: dict[str, int] = {}
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment) if environment is not None else None,
            text=True,
            errors="replace",
            start_new_session=True,  # so that its children can be stopped with it
        )
    except OSError as error:
        raise ToolchainError(f"{argv[0]} did not start: {error.strerror}") from error

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                tail.append(line.rstrip())
                if (what := count(line)) is not None:
                    counts[what] = counts.get(what, 0) + 1

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while True:
            left = timeout_seconds - (time.monotonic() - started)
            try:
                process.wait(timeout=max(0.0, min(every_seconds, left)))
                break
            except subprocess.TimeoutExpired:
                elapsed = time.monotonic() - started
                if elapsed >= timeout_seconds:
                    raise ToolchainError(f"took longer than {timeout_seconds:.0f} s and was stopped") from None
                numbers = "".join(f", {number} {what}" for what, number in dict(counts).items())
                report(f"{doing} ({elapsed:.0f} s{numbers})")
    finally:
        _stop(process)
        reader.join()
    text = "\n".join(tail)
    if process.returncode != 0:
        raise ToolchainError(f"failed with exit code {process.returncode}: {text.strip() or 'no output'}")
    return text


def _stop(process: subprocess.Popen[str]) -> None:
    """End the whole process group; children that outlived their parent too."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def output_of(argv: Sequence[str], environment: Mapping[str, str] | None = None) -> str | None:
    """What a quick command prints, or None if it does not run: it may be missing, truncated or of another machine."""
    try:
        done = subprocess.run(
            list(argv),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
            env=dict(environment) if environment is not None else None,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
