"""The toolchain: the Pulumi CLI, its Python language host, provider plugins and other Go-built tools.

What is obtained goes to a per-user cache that all clones share; `.toolchain/` in a clone only points there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strongroom_sandbox.toolchain.errors import NoWayError, ToolchainError
    from strongroom_sandbox.toolchain.plugins import ProviderSource, provider_plugin
    from strongroom_sandbox.toolchain.pulumi import Toolchain, ensure

__all__ = ["NoWayError", "ProviderSource", "Toolchain", "ToolchainError", "ensure", "provider_plugin"]

_HOMES = {
    "NoWayError": "errors",
    "ToolchainError": "errors",
    "ProviderSource": "plugins",
    "provider_plugin": "plugins",
    "Toolchain": "pulumi",
    "ensure": "pulumi",
}


def __getattr__(name: str) -> object:
    """Import on first use: the language host below this package starts with every `pulumi` run and needs none of it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
