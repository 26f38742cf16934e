"""Sandboxes for tests: real servers in a folder of their own, stopped again whatever happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from strongroom_sandbox import Sandbox


@contextmanager
def running(directory: Path, *only: str) -> Iterator[Sandbox]:
    """A sandbox in `directory` with all its servers, or only those named, for as long as the block lasts."""
    sandbox = Sandbox(directory)
    try:
        sandbox.up(print, only or None)
        yield sandbox
    finally:
        sandbox.down()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for all tests of a worker process that only use the servers. Those that stop or break them make
    their own with `running`."""
    with running(tmp_path_factory.mktemp("sandbox")) as started:
        yield started
