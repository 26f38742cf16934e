"""What who deploys Roles needs, on a real API server: the page says that it need not be able to read a value."""

from typing import Any

import pytest
from kubernetes.client import CoreV1Api, RbacAuthorizationV1Api
from kubernetes.client.exceptions import ApiException

from support.control_plane import ControlPlane

pytestmark = pytest.mark.engine

ROLE: dict[str, Any] = {
    "metadata": {"name": "strongroom.payments.checkout"},
    "rules": [{"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["stripe"], "verbs": ["get"]}],
}
BINDING: dict[str, Any] = {
    "metadata": {"name": "strongroom.payments.checkout"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "strongroom.payments.checkout"},
    "subjects": [{"kind": "ServiceAccount", "namespace": "payments", "name": "checkout"}],
}


def _deployer(cluster: ControlPlane, *verbs: str) -> tuple[str, Any]:
    """A namespace, and a client of an account that may make bindings there, and has these verbs on roles."""
    namespace = cluster.namespace("deployer")
    cluster.service_account(namespace, "deployer")
    rbac = RbacAuthorizationV1Api(cluster.admin)
    group = "rbac.authorization.k8s.io"
    rules = [
        {"apiGroups": [group], "resources": ["roles"], "verbs": list(verbs)},
        {"apiGroups": [group], "resources": ["rolebindings"], "verbs": ["create"]},
    ]
    rbac.create_namespaced_role(namespace, {"metadata": {"name": "deployer"}, "rules": rules})
    binding = {
        "metadata": {"name": "deployer"},
        "roleRef": {"apiGroup": group, "kind": "Role", "name": "deployer"},
        "subjects": [{"kind": "ServiceAccount", "namespace": namespace, "name": "deployer"}],
    }
    rbac.create_namespaced_role_binding(namespace, binding)
    return namespace, cluster.client_as(namespace, "deployer")


def test_with_escalate_and_bind_it_gives_rights_that_it_does_not_have(cluster: ControlPlane) -> None:
    namespace, client = _deployer(cluster, "create", "escalate", "bind")
    with client:
        rbac = RbacAuthorizationV1Api(client)
        rbac.create_namespaced_role(namespace, ROLE)
        rbac.create_namespaced_role_binding(namespace, BINDING)
        with pytest.raises(ApiException, match="Forbidden"):
            CoreV1Api(client).read_namespaced_secret("stripe", namespace)


def test_without_them_the_api_server_refuses_role_and_binding(cluster: ControlPlane) -> None:
    namespace, client = _deployer(cluster, "create")
    RbacAuthorizationV1Api(cluster.admin).create_namespaced_role(namespace, ROLE)
    other = {**ROLE, "metadata": {"name": "another"}}
    with client:
        rbac = RbacAuthorizationV1Api(client)
        with pytest.raises(ApiException, match="attempting to grant RBAC permissions not currently held"):
            rbac.create_namespaced_role(namespace, other)
        with pytest.raises(ApiException, match="attempting to grant RBAC permissions not currently held"):
            rbac.create_namespaced_role_binding(namespace, BINDING)
