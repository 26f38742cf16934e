"""The per-user cache, shared by all clones and test workers of one user."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from strongroom_sandbox.toolchain.process import PROGRESS_SECONDS, Report


def directory() -> Path:
    """`$XDG_CACHE_HOME/strongroom`, by default `~/.cache/strongroom` (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The specification: a relative path there is to be ignored.
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "strongroom"


@contextmanager
def locked(tool: str, report: Report) -> Iterator[None]:
    """Hold the cache's lock for `tool`, so that two clones or test workers never build it at once.

    The lock is the operating system's: it ends with its holder, also when that is killed.
    """
    path = directory() / f"{tool}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    while True:
        try:
            lock.acquire(timeout=PROGRESS_SECONDS)
            break
        except Timeout:
            report(f"{tool}: another process is getting it, waiting for that one")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give a folder to fill that becomes `target` in one rename if the block ends without an exception.

    Whatever stood at `target` is replaced; what an interrupted run left beside it is removed.
    Hold the tool's lock while using it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{target.name}-"
    for leftover in target.parent.glob(f"{prefix}*"):
        shutil.rmtree(leftover)
    stage = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    try:
        yield stage
        stage.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        stage.rename(target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
