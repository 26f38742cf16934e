"""Fixtures for every room, and how hypothesis runs."""

import os

from hypothesis import settings

from support.sandbox import sandbox, sandboxes
from support.toolchain import toolchain

__all__ = ["sandbox", "sandboxes", "toolchain"]

# No test depends on the clock; and what CI finds, everybody finds again.
settings.register_profile("strongroom", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("strongroom")
