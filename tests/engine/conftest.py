"""Fixtures that bring servers, engine and example project together."""

import shutil
from pathlib import Path

import pytest

from strongroom.vault.profile import Flavour
from support.flavours import flavour, sandbox
from support.toolchain import ROOT

__all__ = ["flavour", "sandbox"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example project, to be changed by a test."""
    return _copy(tmp_path / "project")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory, flavour: Flavour) -> Path:
    """A copy of the example project with all environments on this server, as the sandbox is; no test changes it."""
    folder = _copy(tmp_path_factory.mktemp("example") / "project")
    common = folder / "stacks" / "environments" / "common.yaml"
    common.write_text(common.read_text("utf-8").replace("\nvault:\n", f"\nvault:\n  flavour: {flavour}\n"), "utf-8")
    return folder


def _copy(folder: Path) -> Path:
    """The Python environment is this repository's own."""
    shutil.copytree(ROOT / "stacks", folder / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    manifest = (ROOT / "Pulumi.yaml").read_text(encoding="utf-8")
    (folder / "Pulumi.yaml").write_text(manifest.replace(".venv", str(ROOT / ".venv")), encoding="utf-8")
    return folder
