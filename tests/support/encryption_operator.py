"""Who leads a cluster from one provider to another, in the process of the test, with a key store in its memory."""

import time

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
from support.encrypted_cluster import EncryptedCluster, killed


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
        self.resources: tuple[str, ...] = ("secrets",)
        self.plaintext: tuple[str, ...] = ()
        self.said: list[str] = []

    def record(self, provider: Kind, *, look_into_etcd: bool = True) -> EncryptionAtRest:
        kube = self.cluster.sandbox.kube
        return EncryptionAtRest(
            slice="platform",
            encrypted=ClusterPlace(cluster="eu", context=kube.context, server=kube.server),
            provider=provider,
            resources=self.resources,
            plaintext=self.plaintext,
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
            assert set(self.cluster.written_by()) == {str(target)}
            assert len(self.store.kept.ring.entries) == 2  # the old one is there until a backup is
            assert rotation.towards(target, backup=True) == Done(target)
        return target

    def wait(self, seconds: float) -> None:
        if "to load the file" in self.said[-1]:
            killed(self.cluster.sandbox.kube)
        else:
            time.sleep(seconds)
