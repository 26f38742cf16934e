"""Fixtures for every room, and how hypothesis runs."""

import os

import pytest
from hypothesis import settings

from support.sandbox import sandbox, sandboxes
from support.toolchain import toolchain

__all__ = ["sandbox", "sandboxes", "toolchain"]

# No test depends on the clock; and what CI finds, everybody finds again.
settings.register_profile("strongroom", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("strongroom")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A module whose tests share what was deployed once stays in one worker, but each flavour may have its own."""
    for item in items:
        flavour = getattr(item, "callspec", None) and item.callspec.params.get("flavour")
        if flavour and item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(flavour))
