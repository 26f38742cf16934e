"""A stand-in for `azure-native` with a file of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.azure import SUBSCRIPTION, TENANT
from support.azure_resources import BARE
from support.stand_in import Engine, serving


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where its resources are kept."""
    return tmp_path_factory.mktemp("azure") / "resources.json"


@pytest.fixture(scope="module")
def process(store: Path) -> Iterator[Engine]:
    """Its process, which takes some seconds to read the vendor's models."""
    with serving(store, BARE, "azure-native") as engine:
        engine.configure({"tenantId": TENANT, "subscriptionId": SUBSCRIPTION, "environment": "public"})
        yield engine


@pytest.fixture
def engine(process: Engine, store: Path) -> Engine:
    """The process, with nothing in its file."""
    store.unlink(missing_ok=True)
    return process
