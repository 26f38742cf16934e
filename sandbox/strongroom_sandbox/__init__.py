"""The sandbox: real servers on loopback, and what drives them, for `make up` and the tests."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strongroom_sandbox.sandbox import Sandbox, ServerStatus
    from strongroom_sandbox.servers.server import SandboxError

__all__ = ["Sandbox", "SandboxError", "ServerStatus"]


def __getattr__(name: str) -> object:
    # Loaded on first use: `strongroom --help` imports this package only to find its commands.
    if name in {"Sandbox", "ServerStatus"}:
        from strongroom_sandbox import sandbox  # noqa: PLC0415

        return getattr(sandbox, name)
    if name == "SandboxError":
        from strongroom_sandbox.servers.server import SandboxError  # noqa: PLC0415

        return SandboxError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
