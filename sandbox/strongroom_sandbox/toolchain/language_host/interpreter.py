"""Which Python runs a program: the runtime options of Pulumi.yaml, PulumiPolicy.yaml and PulumiPlugin.yaml."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class OptionError(Exception):
    """A runtime option cannot be honoured. The text names it and the remedy."""


@dataclass(frozen=True)
class Interpreter:
    """A Python, with the virtual environment it belongs to, if an option named one."""

    python: Path
    virtualenv: Path | None

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """`base`, with the virtual environment activated as its `activate` script would."""
        environment = dict(base)
        if self.virtualenv is not None:
            binaries = str(self.virtualenv / "bin")
            environment["VIRTUAL_ENV"] = str(self.virtualenv)
            environment["PATH"] = os.pathsep.join(filter(None, [binaries, base.get("PATH", "")]))
            environment.pop("PYTHONHOME", None)
        return environment


def choose(options: Mapping[str, object], root: Path, program: Path) -> Interpreter:
    """The interpreter for the `runtime.options` of a project in `root` whose program is in the folder `program`.

    Options as of the Pulumi documentation, "Python: runtime options": `virtualenv` is a folder relative to
    `root`; `toolchain` is `pip` (the default) or `uv`, for which the virtual environment is `.venv` beside
    the program or in a folder above it. Without either, programs run in the interpreter of this host: where
    the official host would take the first `python3` on PATH, ours is part of an environment that has the
    Pulumi SDK. Raises OptionError for what cannot be honoured.
    """
    toolchain = options.get("toolchain") or "pip"
    if toolchain not in ("pip", "uv"):
        raise OptionError(
            f"runtime option toolchain: {toolchain!r} is not supported by Strongroom's language host (pip and uv "
            "are); install the official Pulumi CLI, which brings pulumi-language-python, or change the option"
        )
    named = options.get("virtualenv")
    if named:
        virtualenv = Path(root, str(named))
    elif toolchain == "uv":
        virtualenv = next(
            (folder / ".venv" for folder in (program, *program.parents) if (folder / ".venv").is_dir()),
            program / ".venv",
        )
    else:
        return Interpreter(Path(sys.executable), None)
    python = virtualenv / "bin" / "python"
    if not os.access(python, os.X_OK):
        raise OptionError(
            f"the virtual environment {virtualenv} of {root} does not exist or has no bin/python (runtime options "
            f"{dict(options)}); create it (in Strongroom's own repository: `make up` does), or remove the option"
        )
    return Interpreter(python, virtualenv)
