"""The real Pulumi toolchain for tests, made ready once per machine (it lives in the user's cache)."""

from __future__ import annotations

from pathlib import Path

import pytest

from strongroom_sandbox.toolchain import Toolchain, ensure

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """What `make up` uses too. The first call on a machine may build the CLI for some minutes."""
    return ensure(ROOT, print)
