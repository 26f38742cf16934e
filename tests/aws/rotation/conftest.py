"""AWS and a database, for all tests of the rotation function."""

from collections.abc import Iterator

import pytest

from strongroom_sandbox import Sandbox
from support.sandbox import running


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """moto and PostgreSQL."""
    with running(tmp_path_factory.mktemp("rotation"), "moto", "postgres") as sandbox:
        yield sandbox
