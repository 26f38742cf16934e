"""What stands beside the chart, on a real API server: rights that reach no further, policies as they are written."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from kubernetes.client import ApiClient, ApiException, CoreV1Api, RbacAuthorizationV1Api

from strongroom.external_secrets.operator import documents
from strongroom.external_secrets.operator.settings import CERT_CONTROLLER, RELEASE, WEBHOOK, OperatorSettings
from support.control_plane import ControlPlane
from support.external_secrets_crds import read_back

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def operator(cluster: ControlPlane) -> Iterator[str]:
    """The operator's namespace, with its service accounts and the rights of the controller that certifies."""
    namespace = cluster.namespace("eso")
    for account in (RELEASE, CERT_CONTROLLER):
        cluster.service_account(namespace, account)
    name = f"{CERT_CONTROLLER}-{namespace}"  # of the cluster as a whole, which other tests share
    wide = documents.role(None, name, documents.certifier_cluster_rules())
    narrow = documents.role(namespace, CERT_CONTROLLER, documents.certifier_rules())
    for role in (wide, narrow):
        for manifest in (role, documents.binding(role, CERT_CONTROLLER, namespace)):
            read_back(cluster.admin, manifest)
    yield namespace
    rbac = RbacAuthorizationV1Api(cluster.admin)
    rbac.delete_cluster_role_binding(name)
    rbac.delete_cluster_role(name)


def _token(client: ApiClient, namespace: str, account: str) -> int:
    """The HTTP status of an attempt to be a service account."""
    try:
        CoreV1Api(client).create_namespaced_service_account_token(account, namespace, {"spec": {}})
    except ApiException as error:
        return int(error.status)
    return 201


def test_the_operator_can_be_the_account_that_it_reads_as_and_no_other(cluster: ControlPlane, operator: str) -> None:
    payments, other = cluster.namespace("payments"), cluster.namespace("other")
    for namespace in (payments, other):
        for account in ("checkout", "admin"):
            cluster.service_account(namespace, account)
    role = documents.role(payments, documents.token_role("checkout"), documents.token_rules("checkout"))
    for manifest in (role, documents.binding(role, RELEASE, operator)):
        read_back(cluster.admin, manifest)
    with cluster.client_as(operator, RELEASE) as client:
        assert _token(client, payments, "checkout") == 201
        assert _token(client, payments, "admin") == 403
        assert _token(client, other, "checkout") == 403
        assert _token(client, operator, RELEASE) == 403


def test_the_controller_that_certifies_reads_one_secret_and_no_other(cluster: ControlPlane, operator: str) -> None:
    elsewhere = cluster.namespace("elsewhere")
    for namespace, name in ((operator, WEBHOOK), (operator, "other"), (elsewhere, WEBHOOK)):
        cluster.core.create_namespaced_secret(namespace, {"metadata": {"name": name}, "stringData": {"a": "b"}})
    with cluster.client_as(operator, CERT_CONTROLLER) as client:
        core = CoreV1Api(client)
        found = core.read_namespaced_secret(WEBHOOK, operator)
        core.replace_namespaced_secret(WEBHOOK, operator, found)
        for namespace, name in ((operator, "other"), (elsewhere, WEBHOOK)):
            with pytest.raises(ApiException) as refused:
                core.read_namespaced_secret(name, namespace)
            assert refused.value.status == 403
        with pytest.raises(ApiException) as refused:
            core.list_namespaced_secret(operator)
        assert refused.value.status == 403


def test_network_policies_are_there_as_they_are_written(cluster: ControlPlane) -> None:
    settings = OperatorSettings(
        chart_version="2.9.0",
        namespace=cluster.namespace("eso"),
        egress_ports=(443, 8200),
        egress_networks=("10.0.0.0/8",),
        metrics_from="monitoring",
    )
    for variant in (settings, replace(settings, egress_networks=(), metrics_from=None)):
        for policy in documents.network_policies(variant):
            given = {key: value for key, value in policy["spec"].items() if value != []}
            assert read_back(cluster.admin, policy)["spec"] == given
