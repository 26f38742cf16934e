"""Fixtures of the plan's tests."""

from pathlib import Path

import pytest

from support.projects import ProjectFolder


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    """A sound project, to be broken in one way."""
    return ProjectFolder(tmp_path)
