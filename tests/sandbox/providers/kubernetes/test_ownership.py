"""Who owns which field, and what is waited for."""

from typing import Any

import pytest

from strongroom_sandbox.providers.frame.errors import StandInError
from strongroom_sandbox.providers.kubernetes import objects, ownership, waiting
from strongroom_sandbox.providers.kubernetes.kinds import kind_of

Json = dict[str, Any]


def managed(*entries: tuple[str, str, Json], **fields: Any) -> Json:
    """A live object with managers, operations and the fields that are theirs."""
    owners = [{"manager": m, "operation": o, "fieldsV1": owned, "apiVersion": "v1"} for m, o, owned in entries]
    return {"metadata": {"name": "it", "managedFields": owners}, **fields}


def annotated(**annotations: str) -> Json:
    return {"metadata": {"annotations": {f"pulumi.com/{name}": text for name, text in annotations.items()}}}


class TestManagers:
    def test_a_resource_has_one_of_its_own_unless_it_says_another(self) -> None:
        first = ownership.manager_of({})
        assert first.startswith("pulumi-kubernetes-")
        assert ownership.manager_of({}) != first
        assert ownership.manager_of({}, first) == first
        assert ownership.manager_of(annotated(patchFieldManager="ours"), first) == "ours"

    def test_fields_of_older_tools_are_taken_over_and_those_of_others_are_not(self) -> None:
        live = managed(
            ("pulumi-kubernetes", "Update", {"f:data": {"f:a": {}}}),
            ("kubectl", "Apply", {"f:data": {"f:b": {}}}),
            ("me", "Apply", {"f:data": {"f:c": {}}}),
            ("controller", "Update", {"f:status": {}}),
        )
        found = ownership.taken_over(live, "me")
        assert found is not None
        assert [(entry["manager"], entry["operation"]) for entry in found] == [
            ("controller", "Update"),
            ("me", "Apply"),
        ]
        assert found[1]["fieldsV1"] == {"f:data": {"f:a": {}, "f:b": {}, "f:c": {}}}

    def test_there_may_be_nothing_to_take_over(self) -> None:
        assert ownership.taken_over(managed(("me", "Apply", {}), ("helm", "Update", {})), "me") is None

    @pytest.mark.parametrize(
        ("inputs", "always", "live", "preview", "forced"),
        [
            ({}, False, managed(("me", "Apply", {})), False, False),
            (annotated(patchForce="true"), False, managed(("me", "Apply", {})), False, True),
            (annotated(patchForce="false"), False, managed(("me", "Apply", {})), False, False),
            ({}, True, managed(("me", "Apply", {})), False, True),
            ({}, False, None, True, True),
            ({}, False, None, False, False),
            ({}, False, managed(("pulumi-kubernetes", "Update", {})), True, True),
            ({}, False, managed(("pulumi-kubernetes", "Update", {})), False, False),
            ({}, False, managed(), False, True),
        ],
    )
    def test_fields_are_taken_from_others_only_if_asked_for(
        self, inputs: Json, always: bool, live: Json | None, preview: bool, forced: bool
    ) -> None:
        assert ownership.forced(inputs, always=always, live=live, preview=preview) is forced

    def test_ignored_fields_are_left_to_whoever_owns_them(self) -> None:
        live = managed(
            ("me", "Apply", {"f:spec": {"f:mine": {}}}),
            ("scaler", "Update", {"f:spec": {"f:replicas": {}}}),
            spec={"mine": "as it is", "replicas": 7},
        )
        wanted = {"spec": {"mine": "other", "replicas": 1, "rest": True}}
        ignore = ["spec.mine", "spec.replicas", "spec.nowhere"]
        assert ownership.without_ignored(wanted, live, "me", ignore) == {"spec": {"mine": "as it is", "rest": True}}


class TestWaiting:
    SECRET = kind_of("kubernetes:core/v1:Secret")
    STORE = kind_of("kubernetes:external-secrets.io/v1:SecretStore")

    def test_most_objects_are_ready_at_once(self) -> None:
        assert waiting.ready_condition(self.SECRET, {"type": "Opaque"}) is None

    def test_a_token_is_waited_for(self) -> None:
        inputs = {"type": "kubernetes.io/service-account-token"}
        condition = waiting.ready_condition(self.SECRET, inputs)
        assert condition is not None
        assert not condition(inputs)
        assert condition({**inputs, "data": {"token": "eA=="}})
        assert waiting.ready_condition(self.SECRET, {**inputs, **annotated(skipAwait="true")}) is None

    @pytest.mark.parametrize(
        ("expression", "live", "ready"),
        [
            ("condition=Ready", {"conditions": [{"type": "Ready", "status": "True"}]}, True),
            ("condition=Ready", {"conditions": [{"type": "Ready", "status": "False"}]}, False),
            ("condition=Ready=False", {"conditions": [{"type": "Ready", "status": "False"}]}, True),
            ("condition=Ready", {}, False),
            ("jsonpath={.status.phase}=Bound", {"phase": "Bound"}, True),
            ("jsonpath={.status.phase}=Bound", {"phase": "Lost"}, False),
            ("jsonpath={.status.phase}", {"phase": ""}, True),
            ("jsonpath={.status.items[1].x}", {"items": [{}, {"x": 0}]}, True),
            ("jsonpath={.status.items[1].x}", {"items": [{}]}, False),
            ('["condition=A", "condition=B"]', {"conditions": [{"type": "A", "status": "True"}]}, False),
        ],
    )
    def test_an_annotation_says_what_is_waited_for(self, expression: str, live: Json, ready: bool) -> None:
        condition = waiting.ready_condition(self.STORE, annotated(waitFor=expression))
        assert condition is not None
        assert condition({"status": live}) is ready

    @pytest.mark.parametrize("expression", ["Ready", "jsonpath={.items[*]}", "[]", "[1]"])
    def test_what_cannot_be_understood_is_refused(self, expression: str) -> None:
        with pytest.raises(StandInError, match="waitFor"):
            waiting.ready_condition(self.STORE, annotated(waitFor=expression))

    def test_pods_are_not_waited_for_where_there_is_no_node_and_the_remedy_is_said(self) -> None:
        deployment = kind_of("kubernetes:apps/v1:Deployment")
        assert 'pulumi.com/skipAwait: "true"' in (waiting.impossible(deployment, {}) or "")
        assert waiting.impossible(deployment, annotated(skipAwait="true")) is None
        service = kind_of("kubernetes:core/v1:Service")
        assert waiting.impossible(service, {"spec": {"selector": {"app": "x"}}})
        assert waiting.impossible(service, {"spec": {"ports": []}}) is None

    def test_deletion_is_foreground_unless_an_annotation_says_otherwise(self) -> None:
        assert waiting.deletion_policy({}) == "Foreground"
        assert waiting.deletion_policy(annotated(deletionPropagationPolicy="background")) == "Background"
        assert waiting.deletion_policy(annotated(deletionPropagationPolicy="Orphan")) == "Orphan"

    def test_the_end_of_most_kinds_is_waited_for_whatever_they_say(self) -> None:
        skips = annotated(skipAwait="true")
        assert not waiting.skips_deletion(self.SECRET, skips)
        assert waiting.skips_deletion(kind_of("kubernetes:core/v1:Namespace"), skips)
        assert not waiting.skips_deletion(kind_of("kubernetes:core/v1:Namespace"), {})

    @pytest.mark.parametrize(
        ("timeout", "text", "seconds"), [(0, "", 600), (0, "7", 7), (3, "7", 3), (0, "soon", 600), (0, "0", 600)]
    )
    def test_how_long(self, timeout: float, text: str, seconds: float) -> None:
        assert waiting.seconds(timeout, annotated(timeoutSeconds=text)) == seconds

    def test_what_is_true_is_only_true(self) -> None:
        assert not objects.is_true(annotated(skipAwait="True"), objects.SKIP_AWAIT)
