"""From one provider to another and back, plain text included, on a real API server."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from kubernetes.client import CoordinationV1Api, CoreV1Api, RbacAuthorizationV1Api

from strongroom.errors import StrongroomError
from strongroom.kubernetes.encryption.document import Plugin
from strongroom.kubernetes.encryption.ring import Entry
from strongroom.kubernetes.encryption.rotation.cluster import LiveCluster
from strongroom.kubernetes.encryption.rotation.rule import Refusal
from strongroom.kubernetes.encryption.rotation.run import Rotation
from strongroom_sandbox.files import write_secret
from support.encrypted_cluster import EncryptedCluster, encrypted_cluster
from support.encryption_operator import Operator
from support.kms_plugin import kms_plugin
from support.toolchain import ROOT

pytestmark = pytest.mark.engine

COUNT = 50


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """With the rights that the page names, and no more."""
    folder = tmp_path_factory.mktemp("encrypted")
    with encrypted_cluster(folder) as cluster, pytest.MonkeyPatch.context() as patch:
        cluster.fill("shop", COUNT, "value")
        patch.setenv("KUBECONFIG", str(as_the_page_says(cluster, folder / "kubeconfig")))
        yield Operator(cluster)


def as_the_page_says(cluster: EncryptedCluster, kubeconfig: Path) -> Path:
    """The kubeconfig of a service account with the ClusterRole of the page."""
    page = (ROOT / "docs" / "kubernetes" / "key-rotation.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n# rights.yaml\n(.*?)```", page, re.DOTALL)
    role, name, kube = yaml.safe_load(text), "rotation", cluster.sandbox.kube
    with cluster.client() as client:
        core, rbac = CoreV1Api(client), RbacAuthorizationV1Api(client)
        core.create_namespaced_service_account("default", {"metadata": {"name": name}})
        rbac.create_cluster_role(role)
        rbac.create_cluster_role_binding(
            {
                "metadata": {"name": name},
                "roleRef": {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": "ClusterRole",
                    "name": role["metadata"]["name"],
                },
                "subjects": [{"kind": "ServiceAccount", "namespace": "default", "name": name}],
            }
        )
        asked = core.create_namespaced_service_account_token(name, "default", {"spec": {"expirationSeconds": 3600}})
    config = yaml.safe_load(kube.kubeconfig.read_text())
    config["users"] = [{"name": kube.context, "user": {"token": asked.status.token}}]
    write_secret(kubeconfig, yaml.safe_dump(config))
    return kubeconfig


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


def test_an_api_server_that_nobody_looked_at_is_a_refusal(operator: Operator) -> None:
    lease = {
        "metadata": {"name": "apiserver-forgotten", "labels": {"apiserver.kubernetes.io/identity": "kube-apiserver"}}
    }
    with operator.cluster.client() as client, LiveCluster(operator.record("secretbox")) as live:
        leases = CoordinationV1Api(client)
        leases.create_namespaced_lease("kube-system", lease)
        try:
            before = operator.store.kept
            end = Rotation(live, operator.store, operator.said.append).towards(Entry("secretbox", "key-99"))
        finally:
            leases.delete_namespaced_lease("apiserver-forgotten", "kube-system")
    assert isinstance(end, Refusal)
    assert "apiserver-forgotten" in end.reason
    assert operator.store.kept == before


def test_another_etcd_or_prefix_is_noticed_and_not_taken_for_an_empty_one(operator: Operator) -> None:
    record = operator.record("secretbox")
    elsewhere = replace(record, reach=replace(record.reach, etcd=replace(operator.etcd, prefix="/elsewhere")))
    with (
        LiveCluster(elsewhere) as live,
        pytest.raises(StrongroomError, match="etcd has not that version of it under /elsewhere"),
    ):
        live.values().count(operator.store.kept.ring)
