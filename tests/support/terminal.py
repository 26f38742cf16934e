"""A command on a terminal of its own, as an operator has it: for prompts, echo and Ctrl-C."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

# Takes the terminal as its controlling one, so that /dev/tty is it and Ctrl-C reaches the command.
_ON_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
TIMEOUT_SECONDS = 30


class Terminal:
    """What a person sees and types."""

    def __init__(self, master: int, process: "subprocess.Popen[bytes]") -> None:
        self._master = master
        self._read = 0
        self.process = process
        self.shown = ""
        """All that appeared on the screen so far, what was typed and echoed included."""

    def wait_for(self, text: str) -> None:
        """Waits until a text appears after what was waited for before. Raises AssertionError if it never does."""
        until = time.monotonic() + TIMEOUT_SECONDS
        while (found := self.shown.find(text, self._read)) < 0:
            if time.monotonic() > until or not self._more():
                raise AssertionError(f"{text!r} did not appear in:\n{self.shown}")
        self._read = found + len(text)

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def wait(self) -> int:
        """Waits for the end and returns the exit code."""
        while self._more():
            pass
        return self.process.wait(TIMEOUT_SECONDS)

    def _more(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], TIMEOUT_SECONDS)
        data = b""
        if ready:
            with suppress(OSError):  # EIO is how Linux says that nobody has the terminal open any more
                data = os.read(self._master, 4096)
        self.shown += data.decode("utf-8", "replace")
        return bool(data)


@contextmanager
def on_terminal(argv: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> Iterator[Terminal]:
    """Runs a command on a new terminal; whatever is left of it is killed at the end."""
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _ON_TERMINAL, *argv],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=cwd,
        env=dict(environment),
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Terminal(master, process)
    finally:
        process.kill()
        process.wait()
        os.close(master)
