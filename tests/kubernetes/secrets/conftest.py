"""The small project, in a folder of its own."""

from pathlib import Path

import pytest

from support.kubernetes_secrets import FILES
from support.projects import ProjectFolder


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder(tmp_path, FILES)
