"""The stand-in for `kubernetes` under the real Pulumi engine, with a plain program."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from kubernetes.client import AppsV1Api

from strongroom_sandbox.engine import Engine as Pulumi
from strongroom_sandbox.engine import EngineError
from strongroom_sandbox.toolchain import Toolchain
from support import canary
from support.control_plane import ControlPlane
from support.pulumi_project import write_project
from support.stand_in import serving

pytestmark = pytest.mark.engine

VALUE = "hunter2-canary-of-the-engine"
PROGRAM = """
    import pulumi
    import pulumi_kubernetes as k8s

    config = pulumi.Config()
    provider = k8s.Provider("sandbox", context="sandbox", enable_server_side_apply=True)

    class Team(pulumi.ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("probe:index:Team", name, {}, opts)
            below = pulumi.ResourceOptions(parent=self, provider=provider)
            namespace = k8s.core.v1.Namespace("team", metadata={"labels": {"tier": config.require("tier")}}, opts=below)
            here = namespace.metadata.name
            settings = k8s.core.v1.ConfigMap(
                "settings", metadata={"name": "settings", "namespace": here}, data={"colour": config.require("colour")},
                opts=below,
            )
            made_up = k8s.core.v1.ConfigMap(
                "made-up", metadata={"namespace": here}, data={"colour": config.require("colour")}, opts=below,
            )
            k8s.core.v1.Secret(
                "secret", metadata={"name": "secret", "namespace": here},
                string_data={"password": config.require_secret("password")}, opts=below,
            )
            account = k8s.core.v1.ServiceAccount("account", metadata={"namespace": here}, opts=below)
            role = k8s.rbac.v1.Role(
                "reader", metadata={"namespace": here}, opts=below,
                rules=[{"api_groups": [""], "resources": ["secrets"], "resource_names": ["secret"], "verbs": ["get"]}],
            )
            k8s.rbac.v1.RoleBinding(
                "reader", metadata={"namespace": here}, opts=below,
                role_ref={"api_group": "rbac.authorization.k8s.io", "kind": "Role", "name": role.metadata.name},
                subjects=[{"kind": "ServiceAccount", "name": account.metadata.name, "namespace": here}],
            )
            k8s.apps.v1.Deployment(
                "web", opts=below,
                metadata={"name": "web", "namespace": here, "annotations": {"pulumi.com/skipAwait": "true"}},
                spec={
                    "replicas": 1, "selector": {"match_labels": {"app": "web"}},
                    "template": {
                        "metadata": {"labels": {"app": "web"}},
                        "spec": {"containers": [{"name": "web", "image": "web:1", "ports": [{"container_port": 80}]}]},
                    },
                },
            )
            k8s.helm.v3.Release(
                "operator", chart="external-secrets", version="2.9.0", namespace=here, values={"replicaCount": 1},
                repository_opts={"repo": "https://charts.example.com"}, opts=below,
            )
            self.register_outputs({})
            pulumi.export("namespace", here)
            pulumi.export("made_up", made_up.metadata.name)

    Team("team")
"""
RESOURCES = 12  # the stack, the provider, the component, and what is in it


@dataclass(frozen=True)
class Deployment:
    """A stack, and the cluster it deploys to."""

    pulumi: Pulumi
    cluster: ControlPlane

    def configure(self, **changes: str) -> None:
        self.pulumi.configure({"tier": "gold", "colour": "red"} | changes)
        self.pulumi.set_secret("password", VALUE)


@pytest.fixture
def deployment(
    toolchain: Toolchain, cluster: ControlPlane, environment: dict[str, str], tmp_path: Path
) -> Iterator[Deployment]:
    """A program of which nothing is deployed yet."""
    project = write_project(tmp_path / "project", PROGRAM)
    work = tmp_path / "work"
    work.mkdir()
    with serving(tmp_path / "releases.json", environment, "kubernetes") as engine:
        pulumi = Pulumi(toolchain, project, "dev", work, providers={"kubernetes": engine.port})
        deployment = Deployment(replace(pulumi, console=print), cluster)
        deployment.configure()
        yield deployment


def test_a_program_is_previewed_deployed_settles_is_refreshed_changed_refused_and_destroyed(
    deployment: Deployment,
) -> None:
    pulumi, core = deployment.pulumi, deployment.cluster.core
    assert pulumi.preview().changes == {"create": RESOURCES}
    assert pulumi.up().changes == {"create": RESOURCES}
    namespace, first_name = pulumi.outputs()["namespace"], pulumi.outputs()["made_up"]
    assert namespace.startswith("team-")
    assert core.read_namespaced_secret("secret", namespace).type == "Opaque"
    assert pulumi.up().changed == 0
    assert pulumi.up("--refresh").changed == 0
    assert canary.files_with(VALUE, pulumi.work) == []

    # A label changes in place, data makes another ConfigMap: after the old one where the name is given.
    before = core.read_namespaced_config_map("settings", namespace).metadata.uid
    deployment.configure(tier="silver", colour="blue")
    assert pulumi.up().changes == {"update": 1, "replace": 2, "same": RESOURCES - 3}
    assert core.read_namespace(namespace).metadata.labels["tier"] == "silver"
    after = core.read_namespaced_config_map("settings", namespace)
    assert (after.data, after.metadata.uid == before) == ({"colour": "blue"}, False)
    assert pulumi.outputs()["made_up"] != first_name
    maps = {item.metadata.name for item in core.list_namespaced_config_map(namespace).items}
    assert maps - {"kube-root-ca.crt"} == {"settings", pulumi.outputs()["made_up"]}

    # What somebody else changes is seen, and put right.
    core.patch_namespaced_config_map("settings", namespace, {"data": {"colour": "theirs"}})
    AppsV1Api(deployment.cluster.admin).delete_namespaced_deployment("web", namespace)
    changes = pulumi.up("--refresh").changes
    assert (changes["create"], changes["replace"]) == (1, 1)
    assert core.read_namespaced_config_map("settings", namespace).data == {"colour": "blue"}
    assert canary.files_with(VALUE, pulumi.work) == []

    # An object that is there already is not taken.
    program = pulumi.project / "__main__.py"
    core.create_namespaced_config_map(namespace, {"metadata": {"name": "theirs"}, "data": {"colour": "theirs"}})
    program.write_text(program.read_text().replace('"made-up", metadata={', '"made-up", metadata={"name": "theirs", '))
    with pytest.raises(EngineError) as failed:
        pulumi.up()
    assert failed.value.result is not None
    assert '"theirs" already exists' in failed.value.result.console.read_text()
    assert core.read_namespaced_config_map("theirs", namespace).data == {"colour": "theirs"}

    assert pulumi.destroy().changes == {"delete": RESOURCES}
    assert namespace not in {item.metadata.name for item in core.list_namespace().items}
    assert canary.files_with(VALUE, pulumi.work) == []
