"""What is deployed of a cluster's encryption: nothing that holds a key."""

import pulumi
import pytest

from strongroom.kubernetes.encryption.component import KubernetesEncryptionConfiguration
from strongroom.kubernetes.encryption.template import template
from strongroom.program import deploy
from strongroom.stage import Stage
from support.mocks import Recording, record
from support.projects import PROD, ProjectFolder

CUSTOM = "kubernetes:external-secrets.io/v1:ExternalSecret"
CLUSTERS = """\
clusters:
  eu: {context: eu, server: "https://eu.example", encryption: {key_store: kv}}
  tenant:
    context: tenant
    server: https://tenant.example
    encryption:
      key_store: kv
      deliver: {cluster: hub, namespace: tenants, kubernetes_secret: tenant-encryption, secret_store: tenant-keys}
  hub: {context: hub, server: "https://hub.example", external_secrets: {}}
  managed: {context: managed, server: "https://managed.example", encryption: {managed: {eks: {}}}}
"""


def _component() -> Recording:
    def program() -> None:
        KubernetesEncryptionConfiguration(
            "tenant",
            {
                "namespace": "tenants",
                "kubernetes_secret": "encryption",
                "secret_store": "keys",
                "remote_key": "platform/cluster-tenant/encryption",
            },
        )

    return record(program)


def test_the_operator_fills_in_ring_and_keys_where_it_runs() -> None:
    recording = _component()
    (file,) = recording.leaves
    assert (file.type, file.name, file.parent) == (CUSTOM, "tenant-file", "tenant")
    assert file.inputs["metadata"] == {"name": "encryption", "namespace": "tenants"}
    spec = file.inputs["spec"]
    assert spec["secretStoreRef"] == {"kind": "SecretStore", "name": "keys"}
    assert spec["dataFrom"] == [{"extract": {"key": "platform/cluster-tenant/encryption"}}]
    assert spec["target"]["template"]["data"] == {"encryption.yaml": template(("secrets",), (), ())}
    assert file.secrets == frozenset()  # there is nothing secret in it
    assert recording.outputs["tenant"] == {"template": template(("secrets",), (), ())}


@pytest.fixture
def deployed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Recording:
    folder = tmp_path_factory.mktemp("project")
    plan = ProjectFolder(folder).append(PROD, CLUSTERS).plan("prod").cut("platform")
    kept = tuple(r for r in plan.records if r.kind.startswith("kubernetes.encryption"))
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(
        "apiVersion: v1\nkind: Config\ncontexts: [{name: hub, context: {cluster: hub, user: me}}]\n"
        "clusters: [{name: hub, cluster: {server: 'https://hub.example'}}]\nusers: [{name: me, user: {}}]\n"
    )
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    whole = type(plan)(plan.environment, plan.slice, kept)
    return record(lambda: deploy(whole, Stage(secret=lambda *_: None)))


def test_only_a_hosted_clusters_file_is_deployed_and_only_its_host_has_to_be_reached(deployed: Recording) -> None:
    # Of four clusters the kubeconfig knows one.
    assert [leaf.name for leaf in deployed.leaves if leaf.type == CUSTOM] == ["prod-tenant-encryption-file"]
    file = deployed.named("prod-tenant-encryption-file")
    assert file.provider == "kubernetes-hub"
    assert file.inputs["metadata"] == {"name": "tenant-encryption", "namespace": "tenants"}


def test_the_outputs_say_how_the_file_gets_to_the_nodes(deployed: Recording) -> None:
    (outputs,) = (found for name, found in deployed.outputs.items() if "kubernetes_encryption" in found)
    assert set(outputs["kubernetes_encryption"]) == {"eu", "tenant"}
    assert outputs["kubernetes_encryption"]["eu"] == {
        "provider": "secretbox",
        "key_store": "kv",
        "key_secret": "platform/cluster-eu/encryption",
        "bootstrap": "strongroom encryption render --stack test eu --output /etc/kubernetes/encryption/config.yaml",
    }


def test_nothing_of_it_can_hold_a_key() -> None:
    """No input of the component takes one: what is given is names, and the same names give the same bytes."""
    assert not {"key", "keys", "ring", "secret"} & set(KubernetesEncryptionConfiguration.__init__.__annotations__)
    first, second = (_component().leaves[0].request for _ in range(2))
    assert first == second
    assert pulumi.ComponentResource in KubernetesEncryptionConfiguration.__mro__
