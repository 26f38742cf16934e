"""Fixtures that bring servers, engine and example project together."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.toolchain import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example project, to be changed by a test. The environment is this repository's own."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "stacks", folder / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    manifest = (ROOT / "Pulumi.yaml").read_text(encoding="utf-8")
    (folder / "Pulumi.yaml").write_text(manifest.replace(".venv", str(ROOT / ".venv")), encoding="utf-8")
    return folder


@pytest.fixture
def lines() -> list[str]:
    """Collects what is reported."""
    return []


@pytest.fixture
def report(lines: list[str]) -> Callable[[str], None]:
    return lines.append
