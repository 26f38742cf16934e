"""What the stand-in does on the real API server, asked as the engine asks."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest
from kubernetes.client import ApiextensionsV1Api
from kubernetes.dynamic import DynamicClient

from support import canary
from support.control_plane import ControlPlane
from support.stand_in import SECRET_KEY, Engine, Json, ProviderError, revealed, secret

pytestmark = pytest.mark.engine

NAMESPACE = "kubernetes:core/v1:Namespace"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
SECRET = "kubernetes:core/v1:Secret"
ACCOUNT = "kubernetes:core/v1:ServiceAccount"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
CANARY = "hunter2-canary-of-the-cluster"


@pytest.fixture
def namespace(cluster: ControlPlane) -> str:
    return cluster.namespace()


def config_map(namespace: str, **more: Any) -> Json:
    return {"metadata": {"name": "settings", "namespace": namespace, **more}, "data": {"colour": "red"}}


def changed(engine: Engine, token: str, made: tuple[str, Json, Json], inputs: Json) -> Json:
    """Check, compare and update as the engine does; returns the new state."""
    identity, state, before = made
    checked, failures = engine.check(token, inputs, before)
    assert not failures
    assert not engine.diff(token, identity, state, checked).get("replaces")
    return engine.update(token, identity, state, checked)


def difference(engine: Engine, token: str, made: tuple[str, Json, Json], inputs: Json) -> Json:
    identity, state, before = made
    checked, failures = engine.check(token, inputs, before)
    assert not failures
    return engine.diff(token, identity, state, checked)


def kinds(diff: Json) -> dict[str, str]:
    return {path: change.get("kind", "ADD") for path, change in diff.get("detailedDiff", {}).items()}


class TestObjects:
    def test_what_is_made_reads_back_without_a_difference_and_can_be_imported(
        self, engine: Engine, namespace: str
    ) -> None:
        programs: dict[str, Json] = {
            CONFIG_MAP: config_map(namespace) | {"data": {"__init__.py": "x", "tls.crt": "", "a": "b"}},
            SECRET: {"metadata": {"namespace": namespace}, "type": "Opaque", "stringData": {"api.key": "x", "b": "y"}},
            ACCOUNT: {"metadata": {"namespace": namespace}, "automountServiceAccountToken": False},
            "kubernetes:rbac.authorization.k8s.io/v1:Role": {
                "metadata": {"namespace": namespace},
                "rules": [{"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["x"], "verbs": ["get"]}],
            },
            BINDING: {
                "metadata": {"namespace": namespace},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "it"},
                "subjects": [{"kind": "ServiceAccount", "name": "it", "namespace": namespace}],
            },
        }
        for token, inputs in programs.items():
            identity, state, checked = engine.made(token, inputs)
            assert identity == f"{namespace}/{revealed(checked)['metadata']['name']}"
            assert engine.diff(token, identity, state, checked)["changes"] == "DIFF_NONE", token
            refreshed = engine.read(token, identity, state, checked)
            assert refreshed["inputs"] == checked, token
            assert engine.diff(token, identity, refreshed["properties"], checked)["changes"] == "DIFF_NONE", token
            imported = engine.read(token, identity)
            assert engine.diff(token, identity, imported["properties"], checked)["changes"] == "DIFF_NONE", token
            engine.delete(token, identity, state)
            assert engine.read(token, identity, state, checked)["id"] == ""

    def test_a_preview_is_a_dry_run_of_the_server(self, engine: Engine, cluster: ControlPlane, namespace: str) -> None:
        checked, _ = engine.check(CONFIG_MAP, config_map(namespace))
        identity, state = engine.create(CONFIG_MAP, checked, preview=True)
        assert identity == ""
        assert state["metadata"]["uid"]
        assert not [
            m for m in cluster.core.list_namespaced_config_map(namespace).items if m.metadata.name == "settings"
        ]
        bad, _ = engine.check(CONFIG_MAP, {**config_map(namespace), "data": {"no/such key": "x"}})
        with pytest.raises(ProviderError, match=r"was not created by the Kubernetes API server.*a valid config key"):
            engine.create(CONFIG_MAP, bad, preview=True)
        elsewhere, _ = engine.check(CONFIG_MAP, config_map("not-there-yet"))
        assert engine.create(CONFIG_MAP, elsewhere, preview=True)[1]["data"] == {"colour": "red"}

    def test_an_object_that_exists_is_not_taken_over_unless_the_provider_says_so(
        self, engine: Engine, cluster: ControlPlane, namespace: str
    ) -> None:
        cluster.core.create_namespaced_config_map(namespace, {"metadata": {"name": "settings"}, "data": {"size": "1"}})
        checked, _ = engine.check(CONFIG_MAP, config_map(namespace))
        with pytest.raises(ProviderError, match='"settings" already exists'):
            engine.create(CONFIG_MAP, checked)
        with engine.another() as upserting:
            upserting.configure({"context": cluster.context, "upsertExistingObjects": "true"})
            _, state = upserting.create(CONFIG_MAP, checked)
        assert state["data"] == {"colour": "red", "size": "1"}

    def test_data_of_a_config_map_replaces_it_unless_it_is_made_mutable(
        self, engine: Engine, cluster: ControlPlane, namespace: str
    ) -> None:
        made = engine.made(CONFIG_MAP, config_map(namespace))
        blue = {**config_map(namespace), "data": {"colour": "blue"}}
        found = difference(engine, CONFIG_MAP, made, blue)
        assert (found["replaces"], found["deleteBeforeReplace"]) == (["data.colour"], True)
        with engine.another() as mutable:
            mutable.configure({"context": cluster.context, "enableConfigMapMutable": "true"})
            state = changed(mutable, CONFIG_MAP, made, blue)
        assert state["data"] == {"colour": "blue"}
        assert state["metadata"]["uid"] == made[1]["metadata"]["uid"]

    def test_an_immutable_object_is_replaced_for_any_data(
        self, engine: Engine, cluster: ControlPlane, namespace: str
    ) -> None:
        with engine.another() as mutable:
            mutable.configure({"context": cluster.context, "enableSecretMutable": "true"})
            inputs = {"metadata": {"namespace": namespace}, "immutable": True, "stringData": {"a": "1"}}
            made = mutable.made(SECRET, inputs)
            found = difference(mutable, SECRET, made, {**inputs, "stringData": {"a": "2"}})
            assert found["replaces"] == ["data.a"]
            assert not found.get("deleteBeforeReplace")  # its name was made up

    def test_the_role_of_a_binding_replaces_it_and_its_subjects_do_not(self, engine: Engine, namespace: str) -> None:
        group = "rbac.authorization.k8s.io"
        inputs: Json = {
            "metadata": {"name": "b", "namespace": namespace},
            "roleRef": {"apiGroup": group, "kind": "Role", "name": "a"},
            "subjects": [{"kind": "Group", "apiGroup": group, "name": "x"}],
        }
        made = engine.made(BINDING, inputs)
        other_role = {**inputs, "roleRef": {**inputs["roleRef"], "name": "b"}}
        assert kinds(difference(engine, BINDING, made, other_role)) == {"roleRef.name": "UPDATE_REPLACE"}
        state = changed(engine, BINDING, made, {**inputs, "subjects": []})
        assert "subjects" not in state

    def test_inputs_that_nobody_knows_are_refused_by_the_sdks_classes_or_by_the_server(
        self, engine: Engine, namespace: str
    ) -> None:
        _, failures = engine.check(SECRET, {"metadata": {"namespace": namespace}, "dta": {}})
        assert "did you mean 'data'?" in failures["dta"]
        _, failures = engine.check(SECRET, {"metadata": {"namespace": namespace, "generateName": "x-"}})
        assert "not supported in Server-Side Apply mode" in failures["metadata.generateName"]


class TestFieldManagers:
    def test_the_first_update_takes_over_what_the_creation_wrote(self, engine: Engine, namespace: str) -> None:
        made = engine.made(CONFIG_MAP, config_map(namespace))
        manager = made[1]["__fieldManager"]
        assert [entry["manager"] for entry in made[1]["metadata"]["managedFields"]] == ["pulumi-kubernetes"]
        state = changed(engine, CONFIG_MAP, made, config_map(namespace, labels={"team": "a"}))
        assert [(e["manager"], e["operation"]) for e in state["metadata"]["managedFields"]] == [(manager, "Apply")]
        # What the program no longer says is removed, which takes owning it.
        state = changed(engine, CONFIG_MAP, (made[0], state, made[2]), config_map(namespace))
        assert "labels" not in state["metadata"]

    def test_a_field_of_somebody_else_is_a_conflict_until_it_is_forced(
        self, engine: Engine, cluster: ControlPlane, namespace: str
    ) -> None:
        made = engine.made(CONFIG_MAP, config_map(namespace, labels={"team": "a"}))
        resource = DynamicClient(cluster.admin).resources.get(api_version="v1", kind="ConfigMap")
        body = {
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "settings", "namespace": namespace, "labels": {"team": "theirs"}},
        }  # fmt: skip
        resource.server_side_apply(body=body, field_manager="their-controller", force_conflicts="true")
        wanted = config_map(namespace, labels={"team": "b"})
        checked, _ = engine.check(CONFIG_MAP, wanted, made[2])
        refreshed = engine.read(CONFIG_MAP, made[0], made[1], made[2])
        assert kinds(engine.diff(CONFIG_MAP, made[0], refreshed["properties"], checked)) == {
            "metadata.labels.team": "UPDATE"
        }
        with pytest.raises(ProviderError) as refused:
            engine.update(CONFIG_MAP, made[0], refreshed["properties"], checked)
        assert "Server-Side Apply field conflict detected" in str(refused.value)
        assert 'conflict with "their-controller": .metadata.labels.team' in str(refused.value)
        forced = config_map(namespace, labels={"team": "b"}, annotations={"pulumi.com/patchForce": "true"})
        checked, _ = engine.check(CONFIG_MAP, forced, made[2])
        state = engine.update(CONFIG_MAP, made[0], refreshed["properties"], checked)
        assert state["metadata"]["labels"] == {"team": "b"}

    def test_a_resource_may_name_its_manager_and_change_it(self, engine: Engine, namespace: str) -> None:
        def named(manager: str) -> Json:
            return config_map(namespace, labels={"team": "a"}, annotations={"pulumi.com/patchFieldManager": manager})

        made = engine.made(CONFIG_MAP, named("first"))
        assert made[1]["__fieldManager"] == "first"
        state = changed(engine, CONFIG_MAP, made, named("second"))
        assert {entry["manager"] for entry in state["metadata"]["managedFields"]} == {"second"}

    def test_a_patch_owns_some_fields_of_somebody_elses_object_and_gives_them_back(
        self, engine: Engine, cluster: ControlPlane, namespace: str
    ) -> None:
        cluster.service_account(namespace, "checkout")
        patch = {
            "metadata": {"name": "checkout", "namespace": namespace, "annotations": {"example.com/role": "reader"}}
        }
        identity, state, checked = engine.made("kubernetes:core/v1:ServiceAccountPatch", patch)
        found = cluster.core.read_namespaced_service_account("checkout", namespace)
        assert found.metadata.annotations == {"example.com/role": "reader"}
        assert engine.diff(f"{ACCOUNT}Patch", identity, state, checked)["changes"] == "DIFF_NONE"
        engine.delete(f"{ACCOUNT}Patch", identity, state)
        assert cluster.core.read_namespaced_service_account("checkout", namespace).metadata.annotations is None
        cluster.core.delete_namespaced_service_account("checkout", namespace)
        engine.delete(f"{ACCOUNT}Patch", identity, state)  # and does not come back by that
        assert "checkout" not in str(cluster.core.list_namespaced_service_account(namespace))
        _, failures = engine.check(f"{ACCOUNT}Patch", {"metadata": {"namespace": namespace}})
        assert "require the `.metadata.name` field" in failures["metadata.name"]


class TestSecrets:
    def test_values_are_marked_secret_wherever_they_go(self, engine: Engine, namespace: str) -> None:
        inputs = {"metadata": {"namespace": namespace}, "stringData": {"password": secret(CANARY)}}
        identity, state, checked = engine.made(SECRET, inputs)
        encoded = base64.b64encode(CANARY.encode()).decode()
        assert checked["data"] == state["data"] == state["__inputs"]["data"] == secret({"password": encoded})
        refreshed = engine.read(SECRET, identity, state, checked)
        imported = engine.read(SECRET, identity)
        for told in (checked, state, refreshed, imported):
            assert not canary.is_in(CANARY, str(_public(told)))

    def test_a_secret_that_kubectl_applied_reads_without_the_copy_of_its_values(
        self, engine: Engine, cluster: ControlPlane, namespace: str
    ) -> None:
        key = "kubectl.kubernetes.io/last-applied-configuration"
        body = {
            "metadata": {"name": "old", "annotations": {key: f'{{"stringData":{{"p":"{CANARY}"}}}}', "keep": "this"}},
            "stringData": {"p": CANARY},
        }
        cluster.core.create_namespaced_secret(namespace, body)
        found = engine.read(SECRET, f"{namespace}/old")
        assert not canary.is_in(CANARY, str(_public(found)))
        for told in (found["inputs"], found["properties"]):
            assert told["metadata"]["annotations"] == {"keep": "this"}

    def test_a_value_is_in_no_error(self, engine: Engine, namespace: str) -> None:
        inputs = {"metadata": {"namespace": namespace}, "type": "kubernetes.io/dockerconfigjson"}
        checked, _ = engine.check(SECRET, {**inputs, "stringData": {".dockerconfigjson": secret(CANARY)}})
        with pytest.raises(ProviderError) as refused:
            engine.create(SECRET, checked)
        assert not canary.is_in(CANARY, str(refused.value))
        checked, _ = engine.check(SECRET, {**inputs, "data": {f"no/{CANARY}": "eA=="}})
        with pytest.raises(ProviderError):
            engine.create(SECRET, checked)

    def test_the_token_of_an_account_is_waited_for(self, engine: Engine, cluster: ControlPlane, namespace: str) -> None:
        cluster.service_account(namespace, "checkout")
        annotations = {"kubernetes.io/service-account.name": "checkout"}
        inputs = {
            "metadata": {"name": "token", "namespace": namespace, "annotations": annotations},
            "type": "kubernetes.io/service-account-token",
        }
        _, state, _ = engine.made(SECRET, inputs)
        assert revealed(state)["data"].keys() == {"token", "namespace", "ca.crt"}


class TestCustomResources:
    def test_a_definition_and_its_resources_may_be_made_in_any_order(
        self, engine: Engine, cluster: ControlPlane, namespace: str
    ) -> None:
        group = f"g{uuid4().hex[:8]}.example.com"
        token, names = f"kubernetes:{group}/v1:Widget", {"kind": "Widget", "plural": "widgets"}
        schema = {
            "type": "object",
            "properties": {
                "spec": {
                    "type": "object",
                    "properties": {
                        "size": {"type": "integer"},
                        "colour": {"type": "string", "default": "red"},
                        "any": {"type": "object", "x_kubernetes_preserve_unknown_fields": True},
                    },
                }
            },
        }
        version: Json = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
        definition: Json = {
            "metadata": {"name": f"widgets.{group}"},
            "spec": {"group": group, "names": names, "scope": "Namespaced", "versions": [version]},
        }
        widget = {
            "apiVersion": f"{group}/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": namespace},
            "spec": {"size": 1, "any": {"thing": ["x"]}},
        }  # fmt: skip
        early, failures = engine.check(token, widget)
        assert not failures
        assert engine.create(token, early, preview=True)[1]["spec"]["size"] == 1
        crd = engine.made(DEFINITION, definition)
        made = engine.made(token, widget)
        assert made[1]["spec"] == {"size": 1, "colour": "red", "any": {"thing": ["x"]}}
        assert engine.diff(token, made[0], made[1], made[2])["changes"] == "DIFF_NONE"
        assert difference(engine, DEFINITION, crd, definition)["changes"] == "DIFF_NONE"
        state = changed(engine, token, made, {**widget, "spec": {"size": 2}})
        assert state["spec"] == {"size": 2, "colour": "red"}
        bad, _ = engine.check(token, {**widget, "metadata": {"name": "x", "namespace": namespace}, "spec": {"sze": 1}})
        with pytest.raises(ProviderError, match=r"unknown field.*spec\.sze"):
            engine.create(token, bad)

        version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"].pop("colour")
        state = changed(engine, DEFINITION, crd, definition)
        assert "colour" not in str(state["spec"])
        # With its definition a resource is gone, and nothing is left to do.
        engine.delete(DEFINITION, crd[0], state)
        assert engine.read(token, made[0], made[1], made[2])["id"] == ""
        engine.delete(token, made[0], made[1])
        assert group not in str(ApiextensionsV1Api(cluster.admin).list_custom_resource_definition())


class TestDeletion:
    def test_the_end_of_a_namespace_is_waited_for_with_all_that_is_in_it(
        self, engine: Engine, cluster: ControlPlane
    ) -> None:
        identity, state, _ = engine.made(NAMESPACE, {"metadata": {"name": f"gone-{uuid4().hex[:8]}"}})
        cluster.core.create_namespaced_config_map(identity, {"metadata": {"name": "inside"}})
        engine.delete(NAMESPACE, identity, state)
        assert identity not in {item.metadata.name for item in cluster.core.list_namespace().items}

    def test_what_holds_an_object_is_said_when_waiting_ends(
        self, engine: Engine, cluster: ControlPlane, namespace: str
    ) -> None:
        held = config_map(namespace, finalizers=["example.com/hold"], annotations={"pulumi.com/timeoutSeconds": "1"})
        identity, state, _ = engine.made(CONFIG_MAP, held)
        with pytest.raises(ProviderError, match=r"finalizers might be preventing deletion .*example\.com/hold"):
            engine.delete(CONFIG_MAP, identity, state)
        cluster.core.patch_namespaced_config_map("settings", namespace, {"metadata": {"finalizers": None}})
        engine.delete(CONFIG_MAP, identity, state)
        engine.delete(CONFIG_MAP, identity, state)  # and that it is gone already is no error

    def test_what_never_gets_ready_is_kept_in_the_state(self, engine: Engine, namespace: str) -> None:
        annotations = {"pulumi.com/waitFor": "jsonpath={.data.ready}", "pulumi.com/timeoutSeconds": "1"}
        checked, _ = engine.check(CONFIG_MAP, config_map(namespace, annotations=annotations))
        with pytest.raises(ProviderError, match="timed out after 1 s") as failed:
            engine.create(CONFIG_MAP, checked)
        assert failed.value.kept == f"{namespace}/settings"


def test_with_the_rights_of_a_workload_a_preview_falls_back_and_a_deployment_says_what_is_forbidden(
    engine: Engine, cluster: ControlPlane, namespace: str
) -> None:
    cluster.service_account(namespace, "deployer")
    server, authority = cluster.server, str(cluster.kube.authority.certificate)
    kubeconfig = {
        "apiVersion": "v1", "kind": "Config", "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "clusters": [{"name": "it", "cluster": {"server": server, "certificate-authority": authority}}],
        "users": [{"name": "it", "user": {"token": cluster.token(namespace, "deployer")}}],
    }  # fmt: skip
    with engine.another() as limited:
        limited.configure({"kubeconfig": json.dumps(kubeconfig)})
        checked, _ = limited.check(CONFIG_MAP, config_map(namespace))
        assert limited.create(CONFIG_MAP, checked, preview=True)[1] == checked
        with pytest.raises(ProviderError, match=r"is forbidden: User .*deployer"):
            limited.create(CONFIG_MAP, checked)


def _public(value: Any) -> Any:
    """What would be in a state in plain text: all but what is marked secret."""
    if isinstance(value, dict):
        if SECRET_KEY in value:
            return "[secret]"
        return {name: _public(item) for name, item in value.items()}
    return [_public(item) for item in value] if isinstance(value, list) else value
