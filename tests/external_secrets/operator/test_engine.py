"""The operator deployed by the real engine to a real API server: what is there, and what its accounts may do with it.

The Helm release is a record: the stand-in renders no charts (docs/sandbox.md).
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from kubernetes.client import ApiException, CoreV1Api, CustomObjectsApi, NetworkingV1Api, RbacAuthorizationV1Api

from strongroom.external_secrets.operator.settings import CERT_CONTROLLER
from strongroom_sandbox.toolchain import Toolchain
from support.cloud_engine import Deployed, deploying
from support.control_plane import ControlPlane
from support.external_secrets_crds import GENERATORS, GROUP, install

pytestmark = pytest.mark.engine


@dataclass
class World:
    cluster: ControlPlane
    deployed: Deployed
    operator: str
    """The namespace of the operator."""
    shop: str
    """That of the workload."""


@pytest.fixture(scope="module")
def world(cluster: ControlPlane, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    install(cluster)
    shop = cluster.namespace("shop")
    operator = f"eso-{shop.rpartition('-')[2]}"
    for account in ("web", "admin"):
        cluster.service_account(shop, account)
    files = {
        "Pulumi.prod.yaml": "config:\n  strongroom:environment: prod\n",
        "environments/prod.yaml": f"""\
environment: prod
protect: false
clusters:
  eu:
    context: {cluster.context}
    server: {cluster.server}
    external_secrets:
      operator: {{chart_version: 2.9.0, namespace: {operator}, network_policies: {{metrics_from: monitoring}}}}
      generated:
        key: {{workload: shop/web, kubernetes_secret: key, generator: {{password: {{}}}}}}
        pull:
          {{workload: shop/web, kubernetes_secret: pull,
           generator: {{ecr_authorization_token: {{region: eu-west-1}}}}}}
""",
        "catalog/shop.yaml": f"""\
team: shop
workloads:
  web:
    runs_as: {{kubernetes: {{namespace: {shop}, service_account: web}}}}
""",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(cluster.kubeconfig))
        folder = tmp_path_factory.mktemp("deployed")
        with deploying(toolchain, folder, files, "kubernetes", dict(os.environ)) as deployed:
            assert set(deployed.pulumi.up().changes) == {"create"}
            (release,) = deployed.resources.values()
            assert release["inputs"]["version"] == "2.9.0"
            yield World(cluster, deployed, operator, shop)
    rbac = RbacAuthorizationV1Api(cluster.admin)  # of the cluster as a whole, which other tests share
    rbac.delete_cluster_role_binding(CERT_CONTROLLER)
    rbac.delete_cluster_role(CERT_CONTROLLER)


def test_its_namespace_and_policies_are_there_before_any_pod_of_it(world: World) -> None:
    labels = world.cluster.core.read_namespace(world.operator).metadata.labels
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    policies = NetworkingV1Api(world.cluster.admin).list_namespaced_network_policy(world.operator).items
    assert {policy.metadata.name for policy in policies} == {
        "external-secrets",
        "external-secrets-webhook",
        "external-secrets-cert-controller",
    }


def test_what_it_is_to_make_is_there_and_refers_to_its_generator(world: World) -> None:
    objects = CustomObjectsApi(world.cluster.admin)
    password = objects.get_namespaced_custom_object(GENERATORS, "v1alpha1", world.shop, "passwords", "key")
    assert password["spec"]["length"] == 32
    secret = objects.get_namespaced_custom_object(GROUP, "v1", world.shop, "externalsecrets", "key")
    (source,) = secret["spec"]["dataFrom"]
    assert source["sourceRef"]["generatorRef"]["kind"] == "Password"
    assert secret["spec"]["target"]["template"]["data"] == {"password": "{{ .password }}"}


def test_it_can_be_the_workload_as_long_as_something_is_read_as_it_and_nobody_else(world: World) -> None:
    world.cluster.service_account(world.operator, "external-secrets")  # the chart's
    with world.cluster.client_as(world.operator, "external-secrets") as client:
        core = CoreV1Api(client)

        def token(account: str, namespace: str) -> int:
            try:
                core.create_namespaced_service_account_token(account, namespace, {"spec": {}})
            except ApiException as error:
                return int(error.status)
            return 201

        assert token("web", world.shop) == 201
        assert (token("admin", world.shop), token("external-secrets", world.operator)) == (403, 403)
        assert world.deployed.pulumi.up().changed == 0
        project = world.deployed.project
        before, _, after = project.text("environments/prod.yaml").partition("        pull:\n")
        assert after
        project.write("environments/prod.yaml", before)
        assert set(world.deployed.pulumi.up().changes) - {"same"} == {"delete"}
        assert token("web", world.shop) == 403
