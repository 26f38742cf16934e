"""From one provider to another and back, plain text included, on a real API server."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom.kubernetes.encryption.document import Plugin
from strongroom.kubernetes.encryption.key_store import Kept
from strongroom.kubernetes.encryption.parse import parse
from strongroom.kubernetes.encryption.plan import EncryptionAtRest
from strongroom.kubernetes.encryption.ring import Entry, Kind
from strongroom.kubernetes.encryption.rotation.cluster import LiveCluster
from strongroom.kubernetes.encryption.rotation.machine import ConfirmBackup, Done
from strongroom.kubernetes.encryption.rotation.reach import EtcdPlace, Reach
from strongroom.kubernetes.encryption.rotation.run import Rotation
from strongroom.kubernetes.place import ClusterPlace
from support.encrypted_cluster import EncryptedCluster, encrypted_cluster, killed
from support.kms_plugin import kms_plugin

pytestmark = pytest.mark.engine

COUNT = 50


class Memory:
    """A key store."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept

    def read(self) -> Kept:
        return self.kept

    def write(self, kept: Kept, seen: Kept | None) -> Kept:
        assert seen == self.kept
        self.kept = kept
        return kept


class Operator:
    """Leads the cluster to another provider, and starts the API server anew where it would notice its file later."""

    def __init__(self, cluster: EncryptedCluster) -> None:
        self.cluster = cluster
        kube, etcd = cluster.sandbox.kube, cluster.sandbox.etcd
        configuration, keys = parse(kube.encryption_file.read_bytes())
        self.store = Memory(Kept(configuration.groups[-1].ring, keys))
        self.etcd = EtcdPlace(
            endpoints=(etcd.address,),
            ca_file=str(etcd.authority.certificate),
            certificate_file=str(etcd.client_files.certificate),
            key_file=str(etcd.client_files.key),
            prefix="/registry",
        )
        self.plugins: tuple[Plugin, ...] = ()
        self.said: list[str] = []

    def record(self, provider: Kind, *, look_into_etcd: bool) -> EncryptionAtRest:
        kube = self.cluster.sandbox.kube
        return EncryptionAtRest(
            slice="platform",
            encrypted=ClusterPlace(cluster="eu", context=kube.context, server=kube.server),
            provider=provider,
            resources=("secrets",),
            plaintext=(),
            plugins=self.plugins,
            key_store="kv",
            key_secret="platform/cluster-eu/encryption",
            rotate_every_seconds=90 * 86400,
            reach=Reach(
                api_servers=(),
                etcd=self.etcd if look_into_etcd else None,
                files=(str(kube.encryption_file),),
                request_timeout_seconds=1,
            ),
            reason="a test" if provider == "identity" else None,
        )

    def migrate(self, provider: Kind, *, look_into_etcd: bool = True) -> Entry:
        """To the end; returns by what is written then."""
        record = self.record(provider, look_into_etcd=look_into_etcd)
        with LiveCluster(record) as live:
            rotation = Rotation(live, self.store, self.said.append, rate_per_second=1000, sleep=self.wait)
            target = rotation.target(record)
            assert isinstance(rotation.towards(target), ConfirmBackup)
            assert self.cluster.written_by() == {str(target): COUNT}
            assert len(self.store.kept.ring.entries) == 2  # the old one is there until a backup is
            assert rotation.towards(target, backup=True) == Done(target)
        return target

    def wait(self, seconds: float) -> None:
        if "to load the file" in self.said[-1]:
            killed(self.cluster.sandbox.kube)
        else:
            time.sleep(seconds)


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    with encrypted_cluster(tmp_path_factory.mktemp("encrypted")) as cluster, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(cluster.sandbox.kube.kubeconfig))
        cluster.fill("shop", COUNT, "value")
        yield Operator(cluster)


def test_from_secretbox_to_plain_text_to_aescbc_and_back(operator: Operator) -> None:
    cluster = operator.cluster
    before = cluster.values("shop")

    assert operator.migrate("identity") == Entry("identity")
    assert b"value-7" in b"".join(path.read_bytes() for path in cluster.sandbox.etcd.data.rglob("*.wal"))
    # Without a way into etcd, the metrics of the API server say the same as etcd does.
    assert operator.migrate("aescbc", look_into_etcd=False) == Entry("aescbc", "key-2")
    assert any(f"{COUNT} by identity (read once each" in line for line in operator.said)
    assert any(f"{COUNT} by aescbc:key-2 (read once each" in line for line in operator.said)
    assert operator.migrate("secretbox", look_into_etcd=False) == Entry("secretbox", "key-3")
    assert cluster.values("shop") == before


def test_to_a_kms_plugin_and_back(operator: Operator) -> None:
    cluster, folder = operator.cluster, Path(tempfile.mkdtemp(prefix="kms-"))  # the path of a socket is short
    before = cluster.values("shop")
    try:
        with kms_plugin(folder / "s") as plugin:
            operator.plugins = (Plugin(name="vault", endpoint=f"unix://{folder / 's'}"),)
            assert operator.migrate("kms") == Entry("kms", "vault")
            assert cluster.values("shop") == before
            assert plugin.decrypted  # of an API server that was started anew
            assert operator.migrate("secretbox", look_into_etcd=False).kind == "secretbox"
            assert any(f"{COUNT} by kms:vault (read once each" in line for line in operator.said)
            operator.plugins = ()
    finally:
        shutil.rmtree(folder)
    assert cluster.values("shop") == before
