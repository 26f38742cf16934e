"""A small project on a server of the sandbox, with a KV engine of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom_sandbox import Sandbox
from support.flavours import flavour, sandbox
from support.values_bench import Bench

__all__ = ["flavour", "sandbox"]


@pytest.fixture
def unmounted(sandbox: Sandbox, tmp_path: Path) -> Bench:
    """The project, before anything was deployed for it."""
    return Bench(tmp_path, sandbox)


@pytest.fixture
def bench(unmounted: Bench) -> Iterator[Bench]:
    """The project with its engine."""
    unmounted.mount_engine()
    yield unmounted
    unmounted.root.sys.disable_secrets_engine(unmounted.mount)
