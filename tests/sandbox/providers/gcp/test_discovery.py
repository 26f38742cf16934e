"""Google's descriptions of its APIs, as a stand-in reads them."""

from typing import Any

import pytest

from strongroom_sandbox.providers.gcp.discovery import api


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        ({"replication": {"automatic": {}}, "labels": {"a": "b"}}, None),
        ({"name": "n"}, "name is set by Google only"),
        ({"createTime": "2026-01-01T00:00:00Z"}, "createTime is set by Google only"),
        ({"colour": "red"}, "colour: Secret has no such field"),
        ({"replication": {"auto": {}}}, "replication.auto: Replication has no such field"),
        ({"replication": {"userManaged": {}}}, "replication.userManaged.replicas is required"),
        ({"labels": {"a": 1}}, "labels.a is no string"),
        ({"labels": []}, "labels is no object"),
        ({"topics": {}}, "topics is no array"),
        ({"topics": ["t"]}, "topics[0] is no Topic"),
        ({"ttl": "1d"}, "ttl is not seconds such as 3600s"),
        ({"ttl": 60}, "ttl is no string"),
        ({"secretType": "X"}, "secretType is none of"),
        ({"rotation": {"nextRotationTime": "tomorrow"}}, "rotation.nextRotationTime is not a time in UTC"),
    ],
)
def test_a_message_is_what_its_description_allows(body: dict[str, Any], flaw: str | None) -> None:
    found = api("secretmanager.v1").flaws("Secret", body)
    assert not found if flaw is None else len(found) == 1 and found[0].startswith(flaw)


def test_no_flaw_repeats_a_value() -> None:
    body = {"payload": {"data": "canary is no base64", "dataCrc32c": "canary"}}
    found = api("secretmanager.v1").flaws("AddSecretVersionRequest", body)
    assert found == ["payload.data is not base64", "payload.dataCrc32c is not a whole number as text"]


def test_a_number_is_no_truth() -> None:
    assert api("pubsub.v1").flaws("DeadLetterPolicy", {"maxDeliveryAttempts": True}) == [
        "maxDeliveryAttempts is no integer"
    ]


def test_methods_say_what_they_take() -> None:
    described = api("secretmanager.v1")
    assert described.request_of("projects.secrets.addVersion") == "AddSecretVersionRequest"
    assert described.request_of("projects.secrets.versions.access") is None
    assert "pageToken" in described.parameters_of("projects.secrets.versions.list")
    with pytest.raises(KeyError):
        described.request_of("projects.secrets.readAll")
