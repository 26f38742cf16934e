"""Fixtures of the toolchain's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.machine import Machine


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A machine with nothing on it."""
    machine = Machine(tmp_path, monkeypatch)
    yield machine
    machine.close()
