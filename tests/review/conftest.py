"""Fixtures of the review's tests."""

import shutil
from pathlib import Path

import pytest

from support.toolchain import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example project in which dev is applied in slices besides as a whole."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "stacks", folder / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    for name in ("platform", "payments", "identity"):
        text = f"config:\n  strongroom:environment: dev\n  strongroom:slice: {name}\n"
        (folder / "stacks" / f"Pulumi.dev-{name}.yaml").write_text(text)
    return folder
