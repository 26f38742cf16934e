"""The engine's event log, reduced to what may be published."""

import json
from typing import Any

import pytest

from strongroom.review.events import read_events
from strongroom.review.preview import Change, Preview, PreviewFileError, Violation, from_json, to_json

VALUE = "hunter2-value-of-a-secret"
MOUNT = "vault:index/mount:Mount"


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::strongroom::strongroom:index:Parent${kind}::{name}"


def step(operation: str, name: str, kind: str = MOUNT, **more: Any) -> dict[str, Any]:
    """A step as the engine logs it, with a value in every place that has values."""
    state = {"urn": urn(kind, name), "inputs": {"path": VALUE}, "outputs": {"path": VALUE}, "id": VALUE}
    metadata = {"op": operation, "urn": urn(kind, name), "type": kind, "old": state, "new": state, "detailedDiff": None}
    return {"resourcePreEvent": {"metadata": metadata | more}}


def policy(name: str, pack: str, level: str = "mandatory", **more: Any) -> dict[str, Any]:
    event = {
        "resourceUrn": urn(MOUNT, "kv"),
        "message": "<{%fg 1%}>the path is too wide<{%reset%}>\n",
        "policyName": name,
        "policyPackName": pack,
        "enforcementLevel": level,
    }
    return {"policyEvent": event | more}


SUMMARY = {"summaryEvent": {"resourceChanges": {}, "PolicyPacks": {"strongroom": "v1"}}}


def read(*events: dict[str, Any], exit_code: int = 0) -> Preview:
    return read_events([json.dumps(event) for event in (*events, SUMMARY)], "dev", exit_code=exit_code)


def test_steps_become_changes_with_names_types_and_paths() -> None:
    preview = read(
        step("same", "kept"),
        step("create", "a", old=None),
        step("update", "b", detailedDiff={"options.version": {"diffKind": "update"}, "ttl": {"diffKind": "add"}}),
        step("delete", "c::with::colons", new=None),
    )
    assert preview.succeeded
    assert preview.unchanged == 1
    assert preview.changes == (
        Change(operation="create", type=MOUNT, name="a"),
        Change(operation="update", type=MOUNT, name="b", properties=("options.version", "ttl")),
        Change(operation="delete", type=MOUNT, name="c::with::colons"),
    )


def test_a_replacement_is_one_change_though_it_is_three_steps_and_names_its_reason() -> None:
    diff = {"type": {"diffKind": "update-replace"}, "description": {"diffKind": "update"}}
    steps = [step(op, "kv", detailedDiff=diff) for op in ("create-replacement", "replace", "delete-replaced")]
    (change,) = read(*steps).changes
    assert change.operation == "replace"
    assert change.properties == ("description", "type")
    assert change.forces_replacement == ("type",)
    assert change.loses == "all that is stored in it"


@pytest.mark.parametrize("state", ["old", "new"])
def test_a_resource_that_is_or_was_protected_says_so(state: str) -> None:
    (change,) = read(step("delete", "kv", **{"old": None, "new": None, state: {"protect": True}})).changes
    assert change.protected


def test_default_providers_are_not_counted_as_in_the_engines_own_summary() -> None:
    declared = step("create", "team", "pulumi:providers:vault")
    assert [c.name for c in read(step("create", "default_7_14_0", "pulumi:providers:vault"), declared).changes] == [
        "team"
    ]


def test_mandatory_violations_come_first_and_each_once() -> None:
    advisory = policy("v10-shadowed-deny", "strongroom", "warning")
    preview = read(advisory, advisory, policy("v26-superuser", "strongroom"))
    assert [(v.level, v.policy) for v in preview.violations] == [
        ("mandatory", "v26-superuser"),
        ("advisory", "v10-shadowed-deny"),
    ]
    assert preview.violations[0].message == "the path is too wide"
    assert preview.policies_ran


def test_no_value_gets_through_from_properties_diagnostics_configuration_or_other_packs() -> None:
    preview = read(
        step("update", "kv", diffs=["path"]),
        policy("other", "somebody-elses", message=f"found {VALUE}"),
        {"diagnosticEvent": {"severity": "error", "urn": urn(MOUNT, "kv"), "message": f"cannot write {VALUE}"}},
        {"diagnosticEvent": {"severity": "info", "message": VALUE}},
        {"stdoutEvent": {"message": VALUE}},
        {"preludeEvent": {"config": {"vault:token": VALUE}}},
        {"policyRemediationEvent": {"policyName": "x", "before": {"a": VALUE}, "after": {"a": VALUE}}},
        {"errorEvent": {"error": VALUE}},
        exit_code=1,
    )
    assert VALUE not in to_json(preview)
    assert preview.failed == ("kv",)
    assert preview.violations == (
        Violation(policy="other", pack="somebody-elses", level="mandatory", resource="kv", message=""),
    )


def test_a_run_that_was_cut_short_or_failed_did_not_succeed() -> None:
    assert not read_events([], "dev", exit_code=0).succeeded
    assert not read(exit_code=255).succeeded
    assert not read_events([json.dumps(step("create", "a"))], "dev", exit_code=0).policies_ran


def test_what_is_written_is_read_again_as_it_was() -> None:
    preview = read(step("replace", "kv", detailedDiff={"type": {"diffKind": "add-replace"}}), policy("p", "strongroom"))
    assert from_json(to_json(preview), "preview.json") == preview


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "the file"),
        ("[]", "the file"),
        ('{"stack": "dev"}', "succeeded"),
        ('{"stack": "dev", "succeeded": "yes"}', "succeeded"),
        ('{"stack": "dev", "succeeded": true, "changes": [{"operation": "run", "type": "", "name": ""}]}', "operation"),
    ],
)
def test_a_file_that_is_no_preview_is_refused_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(PreviewFileError, match=rf"dev/preview\.json is no preview: .*{complaint}"):
        from_json(text, "dev/preview.json")
