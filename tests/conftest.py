"""Fixtures for every room, and how hypothesis runs."""

import os
import re
from typing import Any, get_args

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from strongroom.vault.profile import Flavour
from support.control_plane import cluster
from support.sandbox import sandbox, sandboxes
from support.toolchain import toolchain

__all__ = ["cluster", "sandbox", "sandboxes", "toolchain"]

# No test depends on the clock; and what CI finds, everybody finds again.
settings.register_profile("strongroom", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("strongroom")


class ByModuleAndFlavour(LoadScopeScheduling):
    """The tests of a module share what was deployed once, so they stay in one worker; each flavour may have its own.

    By a scheduler instead of xdist's groups: those become part of a test's id, which pytest 9.2 lets nobody change.
    """

    def _split_scope(self, nodeid: str) -> str:
        module, _, test = nodeid.partition("::")
        parameters = re.split(r"[-\[\]]", test.partition("[")[2])
        return " ".join([module, *(flavour for flavour in get_args(Flavour) if flavour in parameters)])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """See ByModuleAndFlavour."""
    return ByModuleAndFlavour(config, log)
