"""The control plane: it comes up with the sandbox, keeps Secrets encrypted, and cleans up behind itself."""

import base64
import json
from pathlib import Path

import pytest
import requests
from kubernetes.client import AuthenticationV1Api, CoreV1Api
from kubernetes.client.exceptions import ApiException

from strongroom_sandbox.process import wait_until
from strongroom_sandbox.servers import KubeApiServer, ports
from strongroom_sandbox.servers.etcd import Etcd
from support.control_plane import ControlPlane

pytestmark = pytest.mark.engine

CANARY = "canary-5c1f0e7d3b"


def in_etcd(cluster: ControlPlane, key: str) -> bytes:
    """A value as etcd has it."""
    etcd = cluster.sandbox.etcd
    files = etcd.client_files
    answer = requests.post(
        f"{etcd.address}/v3/kv/range",
        json={"key": base64.b64encode(key.encode()).decode()},
        verify=str(etcd.authority.certificate),
        cert=(str(files.certificate), str(files.key)),
        timeout=10,
    ).json()
    return base64.b64decode(answer["kvs"][0]["value"])


def test_a_secret_is_encrypted_in_etcd(cluster: ControlPlane) -> None:
    namespace = cluster.namespace()
    cluster.core.create_namespaced_secret(namespace, {"metadata": {"name": "it"}, "stringData": {"password": CANARY}})
    stored = in_etcd(cluster, f"/registry/secrets/{namespace}/it")
    assert stored.startswith(b"k8s:enc:secretbox:v1:key-1:")
    assert CANARY.encode() not in stored
    written = b"".join(file.read_bytes() for file in cluster.sandbox.etcd.data.rglob("*") if file.is_file())
    assert b"k8s:enc:secretbox:v1:key-1:" in written
    assert CANARY.encode() not in written


def test_nobody_reads_etcd_without_a_certificate(cluster: ControlPlane) -> None:
    etcd = cluster.sandbox.etcd
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{etcd.address}/v3/kv/range", json={}, verify=str(etcd.authority.certificate), timeout=10)


def test_a_workload_may_do_nothing_that_it_was_not_granted(cluster: ControlPlane) -> None:
    namespace = cluster.namespace()
    cluster.service_account(namespace, "workload")
    with cluster.client_as(namespace, "workload") as client:
        who = AuthenticationV1Api(client).create_self_subject_review({}).status.user_info
        assert who.username == f"system:serviceaccount:{namespace}:workload"
        with pytest.raises(ApiException, match="Forbidden"):
            CoreV1Api(client).list_namespaced_secret(namespace)


def test_the_controllers_end_a_namespace_and_all_that_is_in_it(cluster: ControlPlane) -> None:
    namespace = cluster.namespace()
    cluster.core.create_namespaced_secret(namespace, {"metadata": {"name": "it"}, "stringData": {"a": "b"}})
    cluster.core.delete_namespace(namespace)

    def gone() -> bool:
        try:
            cluster.core.read_namespace(namespace)
        except ApiException as error:
            return bool(error.status == requests.codes.not_found)
        return False

    assert wait_until(gone, 30)


def test_the_audit_log_says_who_did_what_and_never_a_value(cluster: ControlPlane) -> None:
    namespace = cluster.namespace()
    cluster.core.create_namespaced_secret(namespace, {"metadata": {"name": "it"}, "stringData": {"password": CANARY}})
    log = cluster.kube.audit_log
    assert wait_until(lambda: namespace in log.read_text(), 10)
    entries = [json.loads(line) for line in log.read_text().splitlines() if namespace in line and "secrets" in line]
    assert ("admin", "create") in {(entry["user"]["username"], entry["verb"]) for entry in entries}
    assert CANARY not in log.read_text()


def test_anybody_may_read_the_keys_that_sign_the_tokens_of_service_accounts(cluster: ControlPlane) -> None:
    def ask(url: str) -> dict[str, object]:
        answer = requests.get(url, verify=str(cluster.kube.authority.certificate), timeout=10)
        found: dict[str, object] = answer.json()
        return found

    told = ask(f"{cluster.server}/.well-known/openid-configuration")
    assert told["issuer"] == cluster.server
    assert ask(str(told["jwks_uri"]))["keys"]


def test_one_that_ends_before_it_is_settled_is_an_error_of_the_sandbox_with_its_log(tmp_path: Path) -> None:
    gone = KubeApiServer(tmp_path, Etcd(tmp_path))
    gone.home.mkdir()
    ports.choose(gone.home / "ports.json", gone.port_names)
    gone.prepare()
    with pytest.raises(gone.settle_errors, match="Connection refused"):
        gone.settle(print)


def test_a_second_api_server_on_the_same_etcd_serves_the_same_and_accepts_the_same_tokens(
    cluster: ControlPlane,
) -> None:
    second = KubeApiServer(cluster.sandbox.directory, cluster.sandbox.etcd, "kube-apiserver-2")
    second.encryption_file.parent.mkdir()
    second.encryption_file.write_bytes(cluster.kube.encryption_file.read_bytes())
    try:
        second.up(print)
        namespace = cluster.namespace()
        cluster.service_account(namespace, "workload")
        headers = {"Authorization": f"Bearer {cluster.token(namespace, 'workload')}"}
        authority = str(cluster.kube.authority.certificate)
        answer = requests.get(
            f"{second.server}/api/v1/namespaces/{namespace}", headers=headers, verify=authority, timeout=10
        )
        # Known, and without rights: an unknown token would be 401.
        assert answer.status_code == requests.codes.forbidden
        with second.client() as client:
            assert CoreV1Api(client).read_namespace(namespace).metadata.name == namespace
    finally:
        second.stop()
