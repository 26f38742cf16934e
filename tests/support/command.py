"""The `strongroom` command as people run it: a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

STRONGROOM = str(Path(sys.executable).with_name("strongroom"))
# Also what a test run is configured with must not reach the command.
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")


def environment(home: Path, **variables: str) -> dict[str, str]:
    """An environment with nothing of the person who runs the tests: no token, no address, no home."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {"HOME": str(home)} | variables


def strongroom(
    *arguments: str, cwd: Path, environment: Mapping[str, str], stdin: bytes = b""
) -> "subprocess.CompletedProcess[str]":
    """Runs it to its end. Standard input is a pipe with these bytes."""
    done = subprocess.run(
        [STRONGROOM, *arguments],
        input=stdin,
        cwd=cwd,
        env=dict(environment),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())
