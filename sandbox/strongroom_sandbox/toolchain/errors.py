"""What the toolchain raises."""

from __future__ import annotations

from collections.abc import Sequence


class ToolchainError(Exception):
    """A tool cannot be had, or what was found cannot be used. The text says why and what to do."""


class NoWayError(ToolchainError):
    """Every way to get a tool failed; the text has one paragraph for each."""

    def __init__(self, tool: str, failures: Sequence[tuple[str, str]]) -> None:
        self.failures = tuple(failures)
        ways = "\n".join(f"  {number}. {way}: {why}" for number, (way, why) in enumerate(failures, 1))
        super().__init__(
            f"{tool} could not be found, installed or built:\n{ways}\n"
            f"Remedy: make one of these ways work (any one is enough) and run the command again; "
            f"an interrupted build goes on where it stopped."
        )
