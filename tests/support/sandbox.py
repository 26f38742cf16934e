"""Sandboxes for tests: real servers in a folder of their own, stopped again whatever happens."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox

Sandboxes = Callable[[Flavour], Sandbox]


@contextmanager
def running(directory: Path, *only: str, flavour: Flavour = "openbao") -> Iterator[Sandbox]:
    """A sandbox in `directory` with all its servers, or only those named, for as long as the block lasts."""
    sandbox = Sandbox(directory, flavour)
    try:
        sandbox.up(print, only or None)
        yield sandbox
    finally:
        sandbox.down()


def without_cluster(flavour: Flavour) -> tuple[str, ...]:
    """The servers of a sandbox but for its control plane, which takes seconds and half a gigabyte."""
    return flavour, "postgres", "issuer"


@pytest.fixture(scope="session")
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandboxes]:
    """One sandbox of each flavour, started at its first use, for all tests of a worker process that only use the
    servers. Those that stop or break them make their own with `running`."""
    started: dict[Flavour, Sandbox] = {}
    with ExitStack() as stack:

        def sandbox(flavour: Flavour) -> Sandbox:
            if flavour not in started:
                folder = tmp_path_factory.mktemp("sandbox")
                # The fixture `cluster` adds the control plane.
                servers = without_cluster(flavour)
                started[flavour] = stack.enter_context(running(folder, *servers, flavour=flavour))
            return started[flavour]

        yield sandbox


@pytest.fixture(scope="session")
def sandbox(sandboxes: Sandboxes) -> Sandbox:
    """The one with OpenBao, where the flavour makes no difference."""
    return sandboxes("openbao")
