"""A rotation on real API servers and a real etcd, with OpenBao as the key store, and whatever may fail on the way."""

from collections.abc import Iterator

import pytest

from support import canary
from support.encrypted_cluster import EncryptedCluster, encrypted_cluster, killed, until

pytestmark = pytest.mark.engine

COUNT = 2_000
CANARY = "canary-of-an-encrypted-secret"
OLD, NEW = "secretbox:key-1", "secretbox:key-2"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EncryptedCluster]:
    with encrypted_cluster(tmp_path_factory.mktemp("encrypted")) as made:
        yield made


def test_two_thousand_secrets_get_a_new_key_while_everything_is_killed_at_every_step(cluster: EncryptedCluster) -> None:
    kube, etcd = cluster.sandbox.kube, cluster.sandbox.etcd
    cluster.declare(kube)
    taken = cluster.run("init", "--take-over", str(kube.encryption_file))
    assert (taken.returncode, taken.stderr) == (0, "")
    cluster.fill("shop", COUNT, CANARY)
    before = cluster.values("shop")
    assert len(before) == COUNT
    assert cluster.written_by() == {OLD: COUNT}
    assert not canary.files_with(CANARY, etcd.data)

    def all_is_killed_and_nothing_lost() -> None:
        """The tool is dead already."""
        killed(etcd)
        killed(kube)
        assert cluster.values("shop") == before

    steps = (
        f"ring: {OLD}, {NEW} ",  # told right before it goes to the store
        f"waiting for {kube.server} to load",
        f"ring: {NEW}, {OLD} ",
        f"waiting for {kube.server} to load",
        "values: 2000 by secretbox:key-1",
        "rewritten: 200 of 2000",
    )
    for step in steps:
        with cluster.started("rotate", "--rate", "1000") as tool:
            until(tool, step)
        all_is_killed_and_nothing_lost()
    # It goes on with those that are left, while servers die beneath it.
    written = cluster.written_by()
    assert written[NEW] >= 200
    with cluster.started("rotate", "--rate", "1000") as tool:
        until(tool, f"rewriting {written[OLD]} values by {NEW}")
        until(tool, "rewritten: 100 of")
        killed(kube)
        until(tool, "rewritten: 300 of")
        killed(etcd)
        until(tool, "All values are rewritten.")
        assert tool.wait() == 4
    assert cluster.written_by() == {NEW: COUNT}
    assert cluster.ring == f"{NEW}, {OLD}"
    all_is_killed_and_nothing_lost()

    # A backup is wanted, and what is none is refused.
    again = cluster.run("rotate")
    assert again.returncode == 4
    assert "strongroom encryption rotate --backup-taken FILE" in again.stderr
    none = cluster.run("rotate", "--backup-taken", str(kube.encryption_file))
    assert (none.returncode, cluster.ring) == (2, f"{NEW}, {OLD}")
    for step in (f"ring: {NEW} (without {OLD}", f"waiting for {kube.server} to load"):
        with cluster.started("rotate", "--backup-taken", "vault-of-backups-4711") as tool:
            until(tool, step)
        all_is_killed_and_nothing_lost()
    done = cluster.run("rotate", "--backup-taken", "vault-of-backups-4711")
    assert done.returncode == 0, done.stderr
    assert f"eu: done; {NEW} alone reads and writes" in done.stdout
    assert cluster.ring == NEW

    verified = cluster.run("verify")
    assert (verified.returncode, verified.stderr) == (0, "")
    assert f"ring    {NEW}" in verified.stdout
    assert cluster.values("shop") == before
    assert not canary.files_with(CANARY, etcd.data)
    assert not canary.is_in(CANARY, done.stdout + verified.stdout + again.stdout)
