"""One environment in Google Cloud that uses everything, and the two files that it is made of."""

from pathlib import Path

import pytest

from support.gcp import CATALOG, ENVIRONMENT, FILES
from support.projects import ProjectFolder

__all__ = ["CATALOG", "ENVIRONMENT"]


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder(tmp_path, FILES)
