"""Names, differences and replacements, by the official provider's rules."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.provider import DiffResponse

from strongroom_sandbox.providers.frame.errors import StandInError
from strongroom_sandbox.providers.frame.values import UNKNOWN
from strongroom_sandbox.providers.kubernetes import names, objects
from strongroom_sandbox.providers.kubernetes.difference import difference, parsed, written
from strongroom_sandbox.providers.kubernetes.kinds import kind_of
from strongroom_sandbox.providers.kubernetes.replacement import replaces, replacing

Json = dict[str, Any]
CUSTOM = "kubernetes:external-secrets.io/v1:SecretStore"


def document(kind: str = "ConfigMap", **fields: Any) -> Json:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "it", "namespace": "team"}, **fields}


def compared(
    token: str, old: Json, new: Json, *, mutable: bool = False, ignore: tuple[str, ...] = ()
) -> dict[str, str] | DiffResponse:
    """Kinds of the changes by path."""
    fields = replacing(kind_of(token), new, mutable_secrets=mutable, mutable_config_maps=mutable)
    return {path: change.kind.name for path, change in difference(old, old, new, fields, ignore).detailed_diff.items()}


class TestNames:
    def test_an_object_without_one_is_named_after_its_resource_and_says_so(self) -> None:
        found = names.named({"metadata": {"labels": {"a": "b"}}}, {}, "web", b"seed")
        assert re.fullmatch("web-[0-9a-f]{8}", objects.name_of(found))
        assert objects.is_true(found, objects.AUTONAMED)
        assert found["metadata"]["labels"] == {"a": "b"}
        assert names.named({}, {}, "web", b"seed")["metadata"]["name"] == objects.name_of(found)
        assert names.named({}, {}, "web", b"other")["metadata"]["name"] != objects.name_of(found)
        assert names.generated("web", b"") != names.generated("web", b"")

    def test_it_keeps_the_name_it_had(self) -> None:
        old = names.named({}, {}, "web", b"first")
        found = names.named({}, old, "web", b"second")
        assert objects.name_of(found) == objects.name_of(old)
        assert objects.is_true(found, objects.AUTONAMED)

    def test_a_name_that_a_program_gave_is_no_longer_there_when_it_gives_none(self) -> None:
        assert objects.name_of(names.named({}, document(), "web", b"seed")) == ""

    @pytest.mark.parametrize(
        "inputs",
        [
            {"metadata": {"name": "mine"}},
            {"metadata": {"name": UNKNOWN}},
            {"metadata": {"generateName": "mine-"}},
            {"metadata": UNKNOWN},
        ],
    )
    def test_what_has_a_name_or_may_get_one_is_left_alone(self, inputs: Json) -> None:
        assert names.named(inputs, {}, "web", b"seed") == inputs

    def test_annotations_that_are_not_known_yet_are_left_alone(self) -> None:
        found = names.named({"metadata": {"annotations": UNKNOWN}}, {}, "web", b"seed")
        assert found["metadata"]["annotations"] is UNKNOWN
        assert objects.name_of(found).startswith("web-")

    def test_the_default_namespace_is_for_those_that_name_none(self) -> None:
        assert objects.namespace_of(names.in_namespace({}, "team")) == "team"
        assert objects.namespace_of(names.in_namespace(document(), "other")) == "team"
        assert names.in_namespace({"metadata": UNKNOWN}, "team") == {"metadata": UNKNOWN}

    @pytest.mark.parametrize(("namespace", "identity"), [("team", "team/it"), ("", "it")])
    def test_ids_are_namespace_and_name(self, namespace: str, identity: str) -> None:
        found = {"metadata": {"name": "it", **({"namespace": namespace} if namespace else {})}}
        assert objects.identity_of(found) == identity
        assert objects.parsed_identity(identity) == (namespace, "it")


class TestReplacement:
    @pytest.mark.parametrize(
        ("token", "path", "value", "replaced"),
        [
            ("core/v1:ConfigMap", ("data", "key"), "x", True),
            ("core/v1:ConfigMap", ("binaryData",), {"key": "eA=="}, True),
            ("core/v1:ConfigMap", ("metadata", "labels", "a"), "b", False),
            ("core/v1:ConfigMap", ("metadata", "namespace"), "other", True),
            ("core/v1:ConfigMap", ("metadata", "name"), "other", True),
            ("core/v1:Secret", ("data", "tls.crt"), None, True),
            ("core/v1:Secret", ("type",), "kubernetes.io/tls", True),
            ("core/v1:Secret", ("immutable",), True, False),
            ("core/v1:ServiceAccount", ("automountServiceAccountToken",), False, False),
            ("core/v1:Namespace", ("metadata", "labels", "a"), "b", False),
            ("rbac.authorization.k8s.io/v1:Role", ("rules", 0, "verbs", 0), "get", False),
            ("rbac.authorization.k8s.io/v1:RoleBinding", ("roleRef", "name"), "other", True),
            ("rbac.authorization.k8s.io/v1:ClusterRoleBinding", ("roleRef", "name"), "other", True),
            ("rbac.authorization.k8s.io/v1:RoleBinding", ("subjects", 0, "name"), "other", False),
            ("apps/v1:Deployment", ("spec", "selector", "matchLabels", "app"), "x", True),
            ("apps/v1:Deployment", ("spec", "replicas"), 2, False),
            ("apps/v1:Deployment", ("spec",), {"selector": {}}, True),
            ("apps/v1:Deployment", ("spec",), {"replicas": 2}, False),
            ("core/v1:Pod", ("spec", "containers", 1, "image"), "x", True),
            ("core/v1:Pod", ("spec", "containers", 1, "name"), "x", False),
            ("core/v1:Pod", ("spec", "containers"), [{"name": "x"}, {"image": "y"}], True),
            ("core/v1:Service", ("spec", "clusterIP"), "10.0.0.9", True),
            ("storage.k8s.io/v1:StorageClass", ("parameters", "type"), "x", True),
            ("external-secrets.io/v1:SecretStore", ("spec", "provider"), {}, False),
            ("external-secrets.io/v1:SecretStore", ("metadata", "name"), "other", True),
            ("core/v1:SecretPatch", ("data", "key"), "eA==", False),
            ("core/v1:SecretPatch", ("metadata", "name"), "other", True),
        ],
    )
    def test_some_fields_make_another_object(
        self, token: str, path: tuple[str | int, ...], value: Any, replaced: bool
    ) -> None:
        kind = kind_of(f"kubernetes:{token}")
        inputs = {"apiVersion": kind.api_version, "kind": kind.name}
        fields = replacing(kind, inputs, mutable_secrets=False, mutable_config_maps=False)
        assert replaces(path, value, fields) is replaced

    @pytest.mark.parametrize("token", ["core/v1:Secret", "core/v1:ConfigMap"])
    @pytest.mark.parametrize(("immutable", "replaced"), [(False, False), (True, True)])
    def test_data_may_be_made_mutable_unless_the_object_itself_says_no(
        self, token: str, immutable: bool, replaced: bool
    ) -> None:
        kind = kind_of(f"kubernetes:{token}")
        inputs = {"apiVersion": "v1", "kind": kind.name, "immutable": immutable}
        fields = replacing(kind, inputs, mutable_secrets=True, mutable_config_maps=True)
        assert replaces(("data", "key"), "eA==", fields) is replaced

    def test_the_type_of_a_secret_is_never_changed(self) -> None:
        inputs = {"apiVersion": "v1", "kind": "Secret"}
        fields = replacing(kind_of("kubernetes:core/v1:Secret"), inputs, mutable_secrets=True, mutable_config_maps=True)
        assert replaces(("type",), "kubernetes.io/tls", fields)


class TestDifference:
    def test_each_change_is_named_by_its_path(self) -> None:
        old = document(data={"gone": "1", "tls.crt": "2", "same": "3"})
        new = document(data={"tls.crt": "other", "same": "3", "new": "4"})
        assert compared("kubernetes:core/v1:ConfigMap", old, new, mutable=True) == {
            "data.gone": "DELETE",
            'data["tls.crt"]': "UPDATE",
            "data.new": "ADD",
        }
        assert set(compared("kubernetes:core/v1:ConfigMap", old, new).values()) == {  # type: ignore[union-attr]
            "DELETE_REPLACE", "UPDATE_REPLACE", "ADD_REPLACE",
        }  # fmt: skip

    def test_items_of_lists_are_compared_one_by_one(self) -> None:
        old = {"rules": [{"verbs": ["get"], "resources": ["secrets"]}, {"verbs": ["list"]}]}
        new = {"rules": [{"verbs": ["get", "watch"]}]}
        assert compared(CUSTOM, old, new) == {
            "rules[0].resources": "DELETE",
            "rules[0].verbs[1]": "ADD",
            "rules[1]": "DELETE",
        }

    def test_what_is_not_known_yet_is_a_change(self) -> None:
        assert compared(CUSTOM, {"spec": {"a": 1}}, {"spec": {"a": UNKNOWN, "b": UNKNOWN}}) == {
            "spec.a": "UPDATE",
            "spec.b": "ADD",
        }

    def test_false_zero_empty_and_absent_are_told_apart(self) -> None:
        assert compared(CUSTOM, {"a": False, "b": 0, "c": "", "d": 1}, {"a": 0, "b": False, "c": "", "d": 1.0}) == {
            "a": "UPDATE",
            "b": "UPDATE",
        }
        assert compared(CUSTOM, {}, {"a": False, "b": 0, "c": ""}) == dict.fromkeys("abc", "ADD")

    def test_an_empty_collection_says_no_more_than_none_which_is_what_a_server_answers(self) -> None:
        assert compared(CUSTOM, {}, {"a": {}, "b": []}) == {}
        assert compared(CUSTOM, {"a": {"x": "y"}}, {"a": {}}) == {"a.x": "DELETE"}

    def test_what_a_program_ignores_is_no_change_and_what_lies_below_neither(self) -> None:
        old, new = document(data={"a": "1", "b": "1"}), document(data={"a": "2", "b": "2"})
        assert compared("kubernetes:core/v1:ConfigMap", old, new, ignore=("data.a",)).keys() == {"data.b"}  # type: ignore[union-attr]
        assert compared("kubernetes:core/v1:ConfigMap", old, new, ignore=("data",)) == {}

    @pytest.mark.parametrize(
        ("new", "before"),
        [
            (document(data={"a": "2"}), True),
            ({**document(data={"a": "2"}), "metadata": {"name": "other", "namespace": "team"}}, False),
            ({**document(data={"a": "2"}), "metadata": {"name": "it", "namespace": "other"}}, False),
            (objects.with_annotation(document(data={"a": "2"}), objects.AUTONAMED), False),
        ],
        ids=["same name", "another name", "another namespace", "named by the provider"],
    )
    def test_a_replacement_deletes_first_where_the_program_insists_on_the_name(self, new: Json, before: bool) -> None:
        old = document(data={"a": "1"})
        fields = replacing(
            kind_of("kubernetes:core/v1:ConfigMap"), new, mutable_secrets=False, mutable_config_maps=False
        )
        found = difference(old, old, new, fields, ())
        assert found.replaces
        assert found.delete_before_replace is before

    @given(st.lists(st.integers(0, 9) | st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=4))
    def test_paths_are_read_as_they_are_written(self, steps: list[str | int]) -> None:
        path = ("first", *steps)
        assert parsed(written(path)) == path

    @given(
        st.recursive(
            st.booleans() | st.integers() | st.text(max_size=3),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=3), inner),
            max_leaves=12,
        )
    )
    def test_nothing_differs_from_itself(self, value: Any) -> None:
        assert compared(CUSTOM, {"spec": value}, {"spec": value}) == {}


class TestObjects:
    def test_the_values_of_a_secret_are_all_in_its_data(self) -> None:
        found = objects.normal(document("Secret", data={"a": "YQ==\n", "b": "Yg=="}, stringData={"b": "bb"}))
        assert found["data"] == {"a": "YQ==", "b": "YmI="}
        assert "stringData" not in found
        assert "data" not in objects.normal(document("Secret", type="Opaque"))

    def test_what_only_the_server_writes_is_no_input(self) -> None:
        written_by_it = {"uid": "u", "resourceVersion": "1", "managedFields": [], "creationTimestamp": "t"}
        found = objects.normal({**document(), "metadata": {"name": "it", **written_by_it}})
        assert found["metadata"] == {"name": "it"}

    def test_of_a_live_object_only_what_the_program_said_is_compared(self) -> None:
        live = {"spec": {"a": 1, "b": 2, "list": [{"x": 1, "y": 2}, {"x": 3}]}, "status": {}}
        assert objects.pruned(live, {"spec": {"a": 0, "list": [{"x": 0}]}}) == {"spec": {"a": 1, "list": [{"x": 1}]}}

    def test_an_import_leaves_out_what_kubectl_keeps_of_a_secrets_values(self) -> None:
        live = document("Secret", data={"a": "YQ=="}, status={})
        live["metadata"]["annotations"] = {objects.LAST_APPLIED: "{}"}
        assert objects.as_inputs(live, live) == document("Secret", data={"a": "YQ=="})

    def test_names_with_dashes_are_pulumis_with_underscores(self) -> None:
        said = {"properties": {"x": {"x_kubernetes_preserve_unknown_fields": True, "y": None}}, "z": [{"a": None}]}
        api = {"properties": {"x": {"x-kubernetes-preserve-unknown-fields": True}}, "z": [{}]}
        assert objects.to_api(said) == api
        assert objects.from_api(api)["properties"]["x"] == {"x_kubernetes_preserve_unknown_fields": True}


class TestKinds:
    @pytest.mark.parametrize(
        ("token", "api_version", "name", "patch", "known"),
        [
            ("kubernetes:core/v1:Secret", "v1", "Secret", False, True),
            ("kubernetes:rbac.authorization.k8s.io/v1:Role", "rbac.authorization.k8s.io/v1", "Role", False, True),
            ("kubernetes:core/v1:ServiceAccountPatch", "v1", "ServiceAccount", True, True),
            (CUSTOM, "external-secrets.io/v1", "SecretStore", False, False),
            (
                "kubernetes:external-secrets.io/v1:SecretStorePatch",
                "external-secrets.io/v1",
                "SecretStore",
                True,
                False,
            ),
        ],
    )
    def test_a_token_names_a_kind(self, token: str, api_version: str, name: str, patch: bool, known: bool) -> None:
        found = kind_of(token)
        assert (found.api_version, found.name, found.patch, found.known) == (api_version, name, patch, known)

    @pytest.mark.parametrize(
        ("token", "why"),
        [
            ("kubernetes:core/v1:SecretList", "is a list"),
            ("kubernetes:yaml/v2:ConfigFile", "does not serve"),
            ("kubernetes:helm.sh/v4:Chart", "does not serve"),
            ("kubernetes:secret", "does not serve"),
        ],
    )
    def test_what_no_server_keeps_is_refused(self, token: str, why: str) -> None:
        with pytest.raises(StandInError, match=why):
            kind_of(token)

    def test_inputs_that_the_sdk_does_not_know_are_refused_at_any_depth(self) -> None:
        kind = kind_of("kubernetes:core/v1:Secret")
        found = {f.property for f in kind.failures({"dta": {}, "metadata": {"lables": {}}, "immutable": "yes"})}
        assert found == {"dta", "metadata.lables", "immutable"}
        assert not list(kind.failures({"metadata": UNKNOWN, "data": {"a": UNKNOWN}}))

    @pytest.mark.parametrize("port", [80, "http"])
    def test_what_may_be_a_number_or_a_name_may_be_either(self, port: int | str) -> None:
        kind = kind_of("kubernetes:core/v1:Service")
        assert not list(kind.failures({"spec": {"ports": [{"port": 80, "targetPort": port}]}}))

    def test_a_kind_within_itself_is_no_problem(self) -> None:
        kind = kind_of("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition")
        schema = {"properties": {"a": {"properties": {"b": {"tpye": "string"}}}}}
        names_ = {"kind": "A", "plural": "as"}
        version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
        inputs = {"spec": {"group": "g", "names": names_, "scope": "Cluster", "versions": [version]}}
        assert [f.property.rpartition(".")[2] for f in kind.failures(inputs)] == ["tpye"]

    def test_of_a_custom_resource_only_what_every_object_has_is_checked(self) -> None:
        kind = kind_of(CUSTOM)
        inputs = {"apiVersion": "external-secrets.io/v1", "kind": "SecretStore", "spec": {"any": 1}, "more": True}
        assert not list(kind.failures(inputs))
        assert [f.property for f in kind.failures({**inputs, "metadata": {"lables": {}}})] == ["metadata.lables"]
        assert [f.property for f in kind.failures({**inputs, "kind": "Other"})] == ["kind"]
