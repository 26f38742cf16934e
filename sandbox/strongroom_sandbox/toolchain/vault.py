"""HashiCorp Vault: found on PATH, else built."""

from __future__ import annotations

from pathlib import Path

from strongroom_sandbox.toolchain import gotools
from strongroom_sandbox.toolchain.gotools import VAULT
from strongroom_sandbox.toolchain.process import Report


def clone() -> Path:
    """Folder of the clone that this package is part of, and whose tools modules say what to build."""
    return Path(__file__).parents[3]


def ensure(root: Path, report: Report) -> Path:
    return gotools.ensure(VAULT, root, report)
