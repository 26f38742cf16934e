"""`python -m strongroom_sandbox.toolchain [TOOL ...]`: make the tools ready and print where they are, one a line.

Progress goes to stderr. Without arguments: pulumi. Exit code 1 with the reasons if a tool cannot be had, 2
for an unknown name.
"""

from __future__ import annotations

import sys
from pathlib import Path

from strongroom_sandbox.toolchain import gotools
from strongroom_sandbox.toolchain.errors import ToolchainError
from strongroom_sandbox.toolchain.gotools import GoTool
from strongroom_sandbox.toolchain.process import Report
from strongroom_sandbox.toolchain.pulumi import ensure


def main(names: list[str], root: Path) -> int:
    """See the module."""

    def report(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    if unknown := [name for name in names if name not in gotools.TOOLS]:
        report(f"unknown tool {', '.join(unknown)}; known are {', '.join(sorted(gotools.TOOLS))}")
        return 2
    try:
        for name in names or [gotools.PULUMI.name]:
            print(_path(gotools.TOOLS[name], root, report))
    except ToolchainError as error:
        report(str(error))
        return 1
    return 0


def _path(tool: GoTool, root: Path, report: Report) -> Path:
    """Pulumi has one more way, and needs its language host beside it."""
    return ensure(root, report).pulumi if tool is gotools.PULUMI else gotools.obtain(tool, root, report)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path.cwd()))
