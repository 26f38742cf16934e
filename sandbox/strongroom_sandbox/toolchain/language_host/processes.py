"""The processes that the host started, and that none of them outlives it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence

#: How long a program may take to clean up after a signal, in seconds. The engine gives the host itself five.
GRACE_SECONDS = 2.0


class Processes:
    """Starts programs, each as the head of a process group of its own, and ends them with all their children."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    def start(
        self, argv: Sequence[str], directory: str, environment: Mapping[str, str], *, captured: bool
    ) -> subprocess.Popen[bytes]:
        """Start `argv`. Its output is inherited (the engine shows it), or `captured` in pipes.

        Raises OSError if the program cannot be started, RuntimeError after `close`.
        """
        pipe = subprocess.PIPE if captured else None
        with self._lock:
            if self._closed:
                raise RuntimeError("the language host is shutting down")
            process = subprocess.Popen(
                list(argv),
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=pipe,
                stderr=pipe,
                process_group=0,
            )
            self._running.add(process)
        return process

    def finish(self, process: subprocess.Popen[bytes]) -> int | None:
        """Wait for the end; return the exit code, or None if it was stopped by `stop` or `close`."""
        code = process.wait()
        with self._lock:
            self._running.discard(process)
            was_stopped = process in self._stopped
            self._stopped.discard(process)
        _signal_group(process, signal.SIGKILL)  # children that it left behind
        return None if was_stopped else code

    def stop(self, process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> None:
        """Send the signal to the program and all its children; kill what is left after `GRACE_SECONDS`."""
        with self._lock:
            if process not in self._running:
                return
            self._stopped.add(process)
        _signal_group(process, number)
        try:
            process.wait(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            _signal_group(process, signal.SIGKILL)
            process.wait()

    def stop_all(self, number: int = signal.SIGTERM) -> None:
        """Stop everything that runs, all at once."""
        with self._lock:
            running = list(self._running)
        stoppers = [threading.Thread(target=self.stop, args=(process, number)) for process in running]
        for stopper in stoppers:
            stopper.start()
        for stopper in stoppers:
            stopper.join()

    def close(self, number: int) -> None:
        """Stop everything, and start nothing any more."""
        with self._lock:
            self._closed = True
        self.stop_all(number)


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
