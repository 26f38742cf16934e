"""A cluster that encrypts everything but what is exempt."""

import pytest

from strongroom.kubernetes.encryption.document import configuration_of
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.render import render
from strongroom.kubernetes.encryption.ring import Entry, Ring
from strongroom.kubernetes.encryption.rotation.cluster import LiveCluster
from strongroom.kubernetes.encryption.rotation.machine import ConfirmBackup
from strongroom.kubernetes.encryption.rotation.run import Rotation
from support.encrypted_cluster import encrypted_cluster
from support.encryption_operator import Operator

pytestmark = pytest.mark.engine

FIRST = Entry("secretbox", "key-1")
EXEMPT = ("events", "leases.coordination.k8s.io")


def test_everything_that_the_cluster_keeps_is_rewritten(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("encrypted")
    file = render(configuration_of(("*.*",), EXEMPT, (), Ring((FIRST,))), {FIRST: Key.new()})
    with encrypted_cluster(folder, file) as cluster:
        monkeypatch.setenv("KUBECONFIG", str(cluster.sandbox.kube.kubeconfig))
        operator = Operator(cluster)
        operator.resources, operator.plaintext = ("*.*",), EXEMPT
        cluster.fill("shop", 10, "value")
        record = operator.record("secretbox")
        with LiveCluster(record) as live:
            before = live.values().count(operator.store.kept.ring)
            assert before.by.keys() == {FIRST}
            assert before.by[FIRST] > 100  # roles, namespaces, priority classes and so on
            rotation = Rotation(live, operator.store, operator.said.append, rate_per_second=1000, sleep=operator.wait)
            target = rotation.target(record)
            assert rotation.towards(target) == ConfirmBackup((FIRST,))
            assert live.values().count(operator.store.kept.ring).by.keys() == {target}
        heads = cluster.heads("")
        assert {key.partition("/")[0] for key, head in heads if head.startswith(FIRST.prefix)} == set()
        assert all(head.startswith(target.prefix) for key, head in heads if key.startswith(("secrets/", "namespaces/")))
