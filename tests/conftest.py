"""Fixtures for every room."""

from support.sandbox import sandbox
from support.toolchain import toolchain

__all__ = ["sandbox", "toolchain"]
