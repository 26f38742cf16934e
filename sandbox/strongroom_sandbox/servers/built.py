"""Servers that are found on this machine, or built from a pinned tools module."""

from pathlib import Path
from typing import ClassVar

from strongroom_sandbox.servers.server import Report, SandboxError, Server
from strongroom_sandbox.toolchain import gotools
from strongroom_sandbox.toolchain.errors import ToolchainError
from strongroom_sandbox.toolchain.gotools import GoTool


def obtain(tool: GoTool, report: Report) -> Path:
    """The program; where it has to be built first, that takes minutes. Raises SandboxError if it cannot be had."""
    try:
        return gotools.obtain(tool, gotools.CLONE, report)
    except ToolchainError as error:
        raise SandboxError(f"{tool.name} cannot be started: {error}") from error


class BuiltServer(Server):
    """A server that is one such program."""

    tool: ClassVar[GoTool]

    def up(self, report: Report) -> None:
        self.binary = obtain(self.tool, report)
        super().up(report)
