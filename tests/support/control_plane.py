"""A real control plane for tests: etcd, API server and controllers, beside the other servers of a worker's sandbox."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from kubernetes.client import ApiClient, CoreV1Api, RbacAuthorizationV1Api, V1Pod
from kubernetes.config import new_client_from_config_dict

from strongroom_sandbox import Sandbox
from strongroom_sandbox.servers import KubeApiServer
from support.sandbox import Sandboxes


class ControlPlane:
    """The cluster of a sandbox, and what tests do there."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.kube: KubeApiServer = sandbox.kube
        self.admin: ApiClient = self.kube.client()
        """A client that may do everything."""

    @property
    def server(self) -> str:
        return self.kube.server

    @property
    def context(self) -> str:
        return self.kube.context

    @property
    def kubeconfig(self) -> Path:
        return self.kube.kubeconfig

    @property
    def core(self) -> CoreV1Api:
        return CoreV1Api(self.admin)

    def namespace(self, prefix: str = "test", **labels: str) -> str:
        """A new namespace that no other test has."""
        name = f"{prefix}-{uuid4().hex[:8]}"
        self.core.create_namespace({"metadata": {"name": name, "labels": labels}})
        return name

    def service_account(self, namespace: str, name: str) -> None:
        self.core.create_namespaced_service_account(namespace, {"metadata": {"name": name}})

    def has_service_account(self, namespace: str, name: str) -> bool:
        found = self.core.list_namespaced_service_account(namespace, field_selector=f"metadata.name={name}")
        return bool(found.items)

    def bind_cluster_role(self, role: str, namespace: str, service_account: str) -> None:
        """Gives a service account the rights of a ClusterRole, everywhere."""
        RbacAuthorizationV1Api(self.admin).create_cluster_role_binding(
            _binding("ClusterRole", role, namespace, service_account)
        )

    def token(
        self, namespace: str, service_account: str, *audiences: str, seconds: int = 600, pod: V1Pod | None = None
    ) -> str:
        """A token of a service account, as its pods are given it (TokenRequest). One for a pod ends with it."""
        body: dict[str, Any] = {"spec": {"audiences": list(audiences), "expirationSeconds": seconds}}
        if pod:
            about = {"apiVersion": "v1", "kind": "Pod", "name": pod.metadata.name, "uid": pod.metadata.uid}
            body["spec"]["boundObjectRef"] = about
        asked = self.core.create_namespaced_service_account_token(service_account, namespace, body)
        return str(asked.status.token)

    def grant(self, namespace: str, name: str, rules: list[dict[str, Any]], to: tuple[str, str]) -> None:
        """Gives a service account `(namespace, name)` the rights of a Role that is made for it in a namespace."""
        rbac = RbacAuthorizationV1Api(self.admin)
        rbac.create_namespaced_role(namespace, {"metadata": {"name": name}, "rules": rules})
        rbac.create_namespaced_role_binding(namespace, _binding("Role", name, *to))

    def client_as(self, namespace: str, service_account: str) -> ApiClient:
        """A client of a workload, with a token of its service account. Close it."""
        return self.client_with(self.token(namespace, service_account))

    def client_with(self, token: str) -> ApiClient:
        """A client of whoever has this token. Close it."""
        config: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "it",
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "clusters": [
                {"name": "it", "cluster": {"server": self.server, "certificate-authority": str(self._authority)}}
            ],
            "users": [{"name": "it", "user": {"token": token}}],
        }
        return new_client_from_config_dict(config)

    @property
    def _authority(self) -> Path:
        return self.kube.authority.certificate


def _binding(kind: str, role: str, namespace: str, service_account: str) -> dict[str, Any]:
    return {
        "metadata": {"name": f"{namespace}-{service_account}"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role},
        "subjects": [{"kind": "ServiceAccount", "namespace": namespace, "name": service_account}],
    }


@pytest.fixture(scope="session")
def cluster(sandboxes: Sandboxes) -> Iterator[ControlPlane]:
    """One cluster for all tests of a worker process; each makes namespaces of its own. Tests that stop or break its
    servers start their own."""
    sandbox = sandboxes("openbao")
    sandbox.up(print, [sandbox.controllers.name])
    control_plane = ControlPlane(sandbox)
    yield control_plane
    control_plane.admin.close()
