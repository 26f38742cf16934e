"""moto, and stand-ins for the provider `aws`: one that drives it, one that reaches nothing."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom_sandbox import Sandbox
from strongroom_sandbox.servers.moto import AwsKey, Moto, credentials
from support.sandbox import running
from support.stand_in import Engine, serving

BARE = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


@pytest.fixture(scope="module")
def aws_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox in which moto runs."""
    with running(tmp_path_factory.mktemp("aws"), "moto") as started:
        yield started


@pytest.fixture(scope="module")
def moto(aws_sandbox: Sandbox) -> Moto:
    """The account."""
    return aws_sandbox.moto


@pytest.fixture(scope="module")
def engine(moto: Moto) -> Iterator[Engine]:
    """A stand-in that drives moto as its operator."""
    with serving(moto.credentials_file, BARE | moto.environment(), "aws") as engine:
        engine.configure({"region": "eu-central-1"})
        yield engine


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Credentials that nobody knows."""
    file = tmp_path / "credentials"
    file.touch(mode=0o600)
    file.write_text(credentials(AwsKey("AKIAIOSFODNN7EXAMPLE", "hunter2hunter2hunter2")))
    return file
