"""The stand-in on the real API server."""

import os
from collections.abc import Iterator

import pytest

from support.control_plane import ControlPlane
from support.stand_in import Engine, serving


@pytest.fixture(scope="module")
def environment(cluster: ControlPlane) -> dict[str, str]:
    """That of a stand-in's process."""
    return os.environ | {"KUBECONFIG": str(cluster.kubeconfig)}


@pytest.fixture(scope="module")
def engine(
    cluster: ControlPlane, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A stand-in that drives the cluster as its administrator."""
    releases = tmp_path_factory.mktemp("kubernetes") / "releases.json"
    with serving(releases, environment, "kubernetes") as engine:
        engine.configure({"context": cluster.context})
        yield engine
