"""Two API servers on one etcd, of which one is behind: the rotation waits for it, whatever that costs."""

import shutil
from collections.abc import Iterator

import pytest
from kubernetes.client import CoreV1Api

from strongroom_sandbox.servers import KubeApiServer
from support.encrypted_cluster import EncryptedCluster, encrypted_cluster, killed, until

pytestmark = pytest.mark.engine

COUNT = 50
OLD, NEW = "secretbox:key-1", "secretbox:key-2"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EncryptedCluster]:
    with encrypted_cluster(tmp_path_factory.mktemp("encrypted")) as made:
        made.second.home.mkdir(mode=0o700)
        shutil.copy(made.sandbox.kube.encryption_file, made.second.encryption_file)
        made.second.up(print)
        yield made


def test_nothing_goes_on_before_the_server_that_lags_has_loaded_the_file(cluster: EncryptedCluster) -> None:
    first, second = cluster.sandbox.kube, cluster.second
    cluster.declare(first, second, own_files=False)
    assert cluster.run("init", "--take-over", str(first.encryption_file)).returncode == 0
    cluster.fill("shop", COUNT, "value")
    before = cluster.values("shop")

    def rendered(server: KubeApiServer) -> None:
        assert cluster.run("render", "--output", str(server.encryption_file)).returncode == 0

    def waits_for(*servers: KubeApiServer) -> None:
        stopped = cluster.run("rotate", "--wait", "3")
        assert stopped.returncode == 3, stopped.stderr
        lagging = [line.partition(" ")[0] for line in stopped.stderr.splitlines() if " did not load " in line]
        assert lagging == [server.server for server in servers]
        assert f"it has loaded the ring {loaded}" in stopped.stderr

    def writes(server: KubeApiServer, name: str, by: str) -> None:
        """What one server writes, both read."""
        with cluster.client(server) as client:
            CoreV1Api(client).create_namespaced_secret(
                "shop", {"metadata": {"name": name}, "stringData": {"key": name}}
            )
        assert cluster.written_by()[by] >= 1
        assert dict(cluster.heads())[f"shop/{name}"].startswith(f"k8s:enc:{by.replace(':', ':v1:')}:".encode())
        assert name in cluster.values("shop", first)
        assert cluster.values("shop", first) == cluster.values("shop", second)

    loaded = OLD
    waits_for(first, second)
    rendered(first)
    killed(first)
    waits_for(second)
    assert cluster.ring == f"{OLD}, {NEW}"
    writes(first, "by-the-one-that-knows-the-new-key", OLD)
    status, verified = cluster.run("status"), cluster.run("verify")
    assert status.returncode == 0
    assert f"next    {second.server} has to load the file that the ring gives" in status.stdout
    assert (verified.returncode, f"{second.server} has not loaded the ring" in verified.stderr) == (1, True)

    # It notices the file by itself, within a minute; that is seen, and the run goes on with the next step.
    rendered(second)
    with cluster.started("rotate", "--wait", "120") as tool:
        until(tool, f"ring: {NEW}, {OLD} ")
        until(tool, f"waiting for {first.server} to load")
    loaded = f"{OLD}, {NEW}"
    rendered(first)
    killed(first)
    waits_for(second)
    writes(first, "by-the-one-that-writes-by-the-new-key", NEW)
    writes(second, "by-the-one-that-does-not-yet", OLD)
    assert cluster.written_by() == {OLD: COUNT + 2, NEW: 1}  # nothing was rewritten

    rendered(second)
    killed(second)
    rewritten = cluster.run("rotate")
    assert rewritten.returncode == 4, rewritten.stderr
    assert cluster.written_by() == {NEW: COUNT + 3}
    for server in (first, second):
        assert cluster.values("shop", server).items() >= before.items()
