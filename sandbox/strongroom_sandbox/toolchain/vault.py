"""HashiCorp Vault, the sandbox's second server: the `vault` on PATH if its version fits, else built."""

from __future__ import annotations

from pathlib import Path

from strongroom_sandbox.toolchain import gotools
from strongroom_sandbox.toolchain.errors import NoWayError, ToolchainError
from strongroom_sandbox.toolchain.gotools import VAULT
from strongroom_sandbox.toolchain.process import Report

CLONE = Path(__file__).parents[3]
"""The clone that this package is part of: its `tools/vault/go.mod` says which version."""


def ensure(root: Path, report: Report) -> Path:
    """Path of the program: from PATH, from the per-user cache, or built into that now, which takes minutes.

    Raises NoWayError, which says of each way why it failed.
    """
    try:
        return gotools.on_path(VAULT, root)
    except ToolchainError as error:
        elsewhere = ("PATH", str(error))
    try:
        return gotools.ensure(VAULT, root, report)
    except NoWayError as error:
        raise NoWayError(f"{VAULT.name} {VAULT.version(root)}", [elsewhere, *error.failures]) from error
