"""Fixtures that bring servers, engine and example project together."""

from pathlib import Path

import pytest

from strongroom.vault.profile import Flavour
from support.flavours import flavour, sandbox
from support.projects import copy_of_the_example

__all__ = ["flavour", "sandbox"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example project, to be changed by a test."""
    return copy_of_the_example(tmp_path / "project")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory, flavour: Flavour) -> Path:
    """A copy of the example project with all environments on this server, as the sandbox is; no test changes it."""
    folder = copy_of_the_example(tmp_path_factory.mktemp("example") / "project")
    common = folder / "stacks" / "environments" / "common.yaml"
    common.write_text(common.read_text("utf-8").replace("\nvault:\n", f"\nvault:\n  flavour: {flavour}\n"), "utf-8")
    return folder
