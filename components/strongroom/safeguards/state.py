"""The state of a stack in its backend, through `pulumi` itself, with the caller's backend and credentials."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from strongroom.errors import StrongroomError


class StateError(StrongroomError):
    """A state could not be read or written."""


class State(Protocol):
    """Where a stack's state is."""

    def export(self) -> dict[str, Any]:
        """What `pulumi stack export` prints; secrets stay encrypted."""

    def import_checkpoint(self, checkpoint: Mapping[str, Any]) -> None:
        """Replaces it."""


@dataclass(frozen=True)
class Backend:
    """One stack of the project at `root`."""

    root: Path
    stack: str

    def export(self) -> dict[str, Any]:
        """An empty state where the backend has no such stack yet. Raises StateError."""
        code, text, problem = self._pulumi("export")
        if code != 0 and "no stack named" in problem:
            return {"version": 3, "deployment": {}}
        if code != 0:
            raise StateError(f"the state of stack {self.stack} cannot be read: {problem}")
        found: dict[str, Any] = json.loads(text)
        return found

    def import_checkpoint(self, checkpoint: Mapping[str, Any]) -> None:
        """Raises StateError, and then the state is as it was."""
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(checkpoint, file)
            file.flush()
            code, _, problem = self._pulumi("import", "--file", file.name)
        if code != 0:
            raise StateError(f"the state of stack {self.stack} cannot be written: {problem}")

    def _pulumi(self, command: str, *arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [self._program(), "stack", command, "--stack", self.stack, "--non-interactive", *arguments],
            cwd=self.root,
            # A warning that a newer one is out would stand among the errors.
            env=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        return done.returncode, done.stdout, done.stderr.strip()

    def _program(self) -> str:
        own = self.root / ".toolchain" / "bin" / "pulumi"
        found = shutil.which("pulumi") or (str(own) if own.exists() else None)
        if found is None:
            raise StateError("there is no `pulumi` on PATH; `make tools` gets one, or give the state with --state FILE")
        return found
