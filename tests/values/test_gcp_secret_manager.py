"""Values in GCP Secret Manager: Google's own login, against a server by the published description of the API."""

import base64
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.errors import StrongroomError
from strongroom.gcp import project as gcp_project
from strongroom.gcp.crc32c import crc32c
from strongroom.gcp.place import GcpPlace
from strongroom.gcp.project import OVERRIDE
from strongroom.gcp.refusals import GcpError
from strongroom.gcp.secret_manager.plan import GcpSecret
from strongroom.values.channel import Target, fill, put, remove, status
from strongroom.values.gcp_secret_manager import SIZE_MAX, GcpSecretManagerValues
from strongroom.values.store import NOTHING, Stored, ValuesError
from support import canary
from support.gcp import NUMBER
from support.http import Answer
from support.secret_manager import TOKEN, SecretManager, Version, refusal, running

ID = "prod--payments--stripe"
VALUE = "canary-of-gcp-5f1d"
SECRET = GcpSecret(
    slice="payments",
    team="payments",
    name="stripe",
    store="sm",
    path=ID,
    fields=("api_key", "webhook_secret"),
    rotate_every_seconds=90 * 86400,
    description="",
    place=GcpPlace(project="acme-prod", number=NUMBER),
    replicas=(),
    kms_key=None,
    labels=(),
    annotations=(),
    version_destroy_ttl_seconds=None,
    ttl_seconds=None,
    version_aliases=(),
    rotation=None,
    access=(),
    protect=True,
)
BOTH = Target(SECRET, None)
KEY = Target(SECRET, "api_key")


@pytest.fixture
def google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretManager]:
    """A project with the secret, as a deployment makes it: without a version."""
    monkeypatch.setattr(gcp_project, "RETRIES", gcp_project.RETRIES.new(backoff_factor=0))
    with running(tmp_path, monkeypatch) as manager:
        manager.secrets[ID] = []
        yield manager


@pytest.fixture
def store() -> GcpSecretManagerValues:
    return GcpSecretManagerValues()


def _written(google: SecretManager, **fields: str) -> None:
    google.secrets[ID].append(Version(base64.b64encode(json.dumps(fields).encode()).decode()))


def test_what_is_put_is_what_an_application_reads(google: SecretManager, store: GcpSecretManagerValues) -> None:
    assert store.stored(SECRET) == NOTHING
    assert put(store, BOTH, {"api_key": VALUE, "webhook_secret": "ü ✓"}, NOTHING) == 1
    assert google.values(ID) == {"api_key": VALUE, "webhook_secret": "ü ✓"}
    created = datetime(2026, 11, 1, 10, 11, 12, 123456, UTC)
    assert store.stored(SECRET) == Stored(1, frozenset({"api_key", "webhook_secret"}), created)
    assert google.logins == 1


def test_one_field_is_written_and_the_others_stay(google: SecretManager, store: GcpSecretManagerValues) -> None:
    _written(google, api_key="old", webhook_secret="kept")
    assert put(store, KEY, {"api_key": VALUE}, store.stored(SECRET)) == 2
    assert google.values(ID) == {"api_key": VALUE, "webhook_secret": "kept"}


def test_one_field_is_removed_by_a_new_version_without_it(google: SecretManager, store: GcpSecretManagerValues) -> None:
    _written(google, api_key="old", webhook_secret="kept")
    remove(store, KEY, destroy=False)
    assert google.values(ID) == {"webhook_secret": "kept"}


def test_missing_values_are_generated_and_those_that_are_there_stay(
    google: SecretManager, store: GcpSecretManagerValues
) -> None:
    _written(google, api_key="kept")
    assert fill(store, BOTH, lambda: VALUE, replace=False) == (2, ("webhook_secret",))
    assert google.values(ID) == {"api_key": "kept", "webhook_secret": VALUE}


def test_status_tells_what_is_missing_of_many_secrets_at_once(
    google: SecretManager, store: GcpSecretManagerValues
) -> None:
    secrets = [replace(SECRET, path=f"prod--payments--s{n}", name=f"s{n}") for n in range(20)]
    google.secrets.update({secret.path: [] for secret in secrets})
    _written(google, api_key="x")
    found = status([*secrets, SECRET], lambda _: store)
    assert [state.missing for state in found[:20]] == [("api_key", "webhook_secret")] * 20
    assert found[20].missing == ("webhook_secret",)


def test_a_write_since_it_was_looked_at_is_noticed_before_anything_is_written(
    google: SecretManager, store: GcpSecretManagerValues
) -> None:
    seen = store.stored(SECRET)
    _written(google, api_key="by somebody else")
    with pytest.raises(ValuesError, match="was changed by somebody else in the meantime; nothing was written"):
        store.write(SECRET, {"api_key": VALUE}, seen)
    assert google.values(ID) == {"api_key": "by somebody else"}


def test_a_write_at_the_same_moment_is_told_as_nothing_can_prevent_it(
    google: SecretManager, store: GcpSecretManagerValues
) -> None:
    _written(google, api_key="old")
    google.meanwhile.append('{"api_key": "theirs"}')
    with pytest.raises(ValuesError, match="version 3 is yours, is the newest, and was made from version 1"):
        store.write(SECRET, {"webhook_secret": VALUE}, store.stored(SECRET))


def test_a_deleted_version_is_disabled_and_counts_as_without_values(
    google: SecretManager, store: GcpSecretManagerValues
) -> None:
    _written(google, api_key="old")
    store.delete(SECRET)
    store.delete(SECRET)
    assert [version.state for version in google.secrets[ID]] == ["DISABLED"]
    seen = store.stored(SECRET)
    assert seen == Stored(1, frozenset(), None)
    assert put(store, KEY, {"api_key": VALUE}, seen) == 2
    assert google.values(ID) == {"api_key": VALUE}


def test_where_nothing_is_nothing_is_deleted(google: SecretManager, store: GcpSecretManagerValues) -> None:
    store.delete(SECRET)
    store.destroy(SECRET)
    assert google.secrets[ID] == []


def test_all_versions_are_destroyed_however_many_pages_they_are(
    google: SecretManager, store: GcpSecretManagerValues
) -> None:
    for number in range(5):
        _written(google, api_key=str(number))
    google.secrets[ID][0].state = "DESTROYED"
    google.secrets[ID][1].scheduled = True
    store.destroy(SECRET)
    assert [version.state for version in google.secrets[ID]] == [
        "DESTROYED",
        "ENABLED",  # it will be, and asking again would be an error
        "DESTROYED",
        "DESTROYED",
        "DESTROYED",
    ]


@pytest.mark.parametrize("text", ["plain", "[1]", '"text"', ""])
def test_what_was_not_written_by_strongroom_is_not_overwritten(
    google: SecretManager, store: GcpSecretManagerValues, text: str
) -> None:
    google.secrets[ID].append(Version(base64.b64encode(text.encode()).decode()))
    with pytest.raises(ValuesError, match=r"is no JSON object .* disable version 1"):
        store.stored(SECRET)


def test_a_value_that_was_damaged_on_its_way_is_not_taken(google: SecretManager, store: GcpSecretManagerValues) -> None:
    _written(google, api_key="x")
    name = f"projects/{NUMBER}/secrets/{ID}/versions/1"
    damaged = {"data": google.secrets[ID][0].data, "dataCrc32c": "1"}
    about = {"name": name, "state": "ENABLED", "createTime": "2026-11-01T00:00:00Z"}
    google.answers += [Answer(about), Answer({"name": name, "payload": damaged})]
    with pytest.raises(ValuesError, match="is damaged"):
        store.stored(SECRET)


def test_more_than_a_version_holds_is_refused_before_it_is_sent(
    google: SecretManager, store: GcpSecretManagerValues
) -> None:
    with pytest.raises(ValuesError, match=f"Secret Manager takes {SIZE_MAX}; nothing was written"):
        store.write(SECRET, {"api_key": "x" * SIZE_MAX}, NOTHING)
    assert not [request for request in google.asked if request.method == "POST"]


def test_a_secret_that_is_not_there_has_to_be_deployed_first(
    google: SecretManager, store: GcpSecretManagerValues
) -> None:
    google.secrets.clear()
    with pytest.raises(GcpError, match="deploy the stack first") as refused:
        store.stored(SECRET)
    assert refused.value.code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("permission", "do"),
    [
        ("get", lambda store: store.stored(SECRET)),
        ("access", lambda store: store.stored(SECRET)),
        ("add", lambda store: store.write(SECRET, {"api_key": VALUE}, store.stored(SECRET))),
        ("disable", lambda store: store.delete(SECRET)),
        ("destroy", lambda store: store.destroy(SECRET)),
        ("list", lambda store: store.destroy(SECRET)),
    ],
)
def test_what_the_caller_may_not_do_is_said_with_the_remedy(
    google: SecretManager, store: GcpSecretManagerValues, permission: str, do: object
) -> None:
    _written(google, api_key="old")
    google.permissions -= {f"secretmanager.versions.{permission}"}
    with pytest.raises(GcpError, match=r"\(project acme-prod\): .*denied.*see who is among `gcp.operators`") as refused:
        do(store)  # type: ignore[operator]
    assert refused.value.code == "PERMISSION_DENIED"
    assert google.values(ID) == {"api_key": "old"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            refusal(403, "PERMISSION_DENIED", "Secret Manager API has not been used.", "SERVICE_DISABLED"),
            "gcloud services enable secretmanager.googleapis.com",
        ),
        (refusal(400, "FAILED_PRECONDITION", "The key is disabled."), "enable it, or write a new version"),
        (refusal(401, "UNAUTHENTICATED", "Expired."), "gcloud auth application-default login"),
        (Answer("<html>", 502), "is not Google's"),
        (Answer({}, 302, {"Location": "https://elsewhere.example/"}), "HTTP status 302"),
        (Answer([]), "the answer is not Secret Manager's"),
    ],
)
def test_what_google_refuses_is_one_sentence_with_its_remedy(
    google: SecretManager, store: GcpSecretManagerValues, answer: Answer, said: str
) -> None:
    google.answers.append(answer)
    with pytest.raises(GcpError) as refused:
        store.stored(SECRET)
    assert said in str(refused.value)
    assert str(refused.value).count("\n") == 0


def test_throttled_looks_are_repeated_and_throttled_writes_are_not(
    google: SecretManager, store: GcpSecretManagerValues
) -> None:
    throttled = refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded.")
    google.answers += [throttled] * 3
    assert store.stored(SECRET) == NOTHING
    asked = len(google.asked)
    google.answers += [refusal(404, "NOT_FOUND", "none"), Answer({}), throttled]
    with pytest.raises(GcpError, match="wait a minute and repeat"):
        store.write(SECRET, {"api_key": VALUE}, NOTHING)
    assert len(google.asked) == asked + 3


def test_throttled_to_the_end_it_says_so(google: SecretManager, store: GcpSecretManagerValues) -> None:
    google.answers += [refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded.")] * 6
    with pytest.raises(GcpError) as refused:
        store.stored(SECRET)
    assert refused.value.code == "RESOURCE_EXHAUSTED"


def test_whoever_answers_for_another_project_is_not_believed(
    google: SecretManager, store: GcpSecretManagerValues
) -> None:
    elsewhere = f"projects/999999999999/secrets/{ID}/versions/1"
    google.answers.append(Answer({"name": elsewhere, "state": "ENABLED"}))
    with pytest.raises(GcpError, match="projects/999999999999, and the environment is in project acme-prod"):
        store.stored(SECRET)


def test_every_request_names_the_project_by_its_number(google: SecretManager, store: GcpSecretManagerValues) -> None:
    _written(google, api_key="old")
    store.write(SECRET, {"api_key": VALUE}, store.stored(SECRET))
    assert all(request.path.startswith(f"/v1/projects/{NUMBER}/secrets/") for request in google.asked)


def test_without_a_login_it_says_how_to_get_one(
    google: SecretManager, store: GcpSecretManagerValues, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(GcpError, match="gcloud auth application-default login") as refused:
        store.stored(SECRET)
    assert refused.value.code == "NO_CREDENTIALS"
    assert google.asked == []


def test_a_login_that_is_refused_says_to_log_in_again(
    google: SecretManager, store: GcpSecretManagerValues, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = json.loads((tmp_path / "login.json").read_text())
    (tmp_path / "login.json").write_text(json.dumps({**login, "token_uri": f"{login['token_uri']}/nowhere"}))
    with pytest.raises(GcpError, match="not valid, or not any more") as refused:
        store.stored(SECRET)
    assert refused.value.code == "UNAUTHENTICATED"


def test_an_endpoint_without_tls_is_refused_before_a_token_is_sent(
    google: SecretManager, store: GcpSecretManagerValues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OVERRIDE, "http://secretmanager.example")
    with pytest.raises(GcpError, match="values travel over TLS only"):
        store.stored(SECRET)
    assert google.logins == 0


def test_an_endpoint_that_cannot_be_reached_is_named(
    google: SecretManager, store: GcpSecretManagerValues, monkeypatch: pytest.MonkeyPatch
) -> None:
    del google
    monkeypatch.setenv(OVERRIDE, "http://127.0.0.1:1")
    with pytest.raises(GcpError, match=r"http://127\.0\.0\.1:1 cannot be reached"):
        store.stored(SECRET)


@pytest.mark.parametrize(
    "answer",
    [
        refusal(400, "INVALID_ARGUMENT", f"what is {VALUE}, or {base64.b64encode(VALUE.encode()).decode()}?"),
        Answer(f"<html>{VALUE}", 500),
        Answer({"name": f"projects/1/secrets/{VALUE}"}),
    ],
)
def test_no_value_and_no_token_is_in_an_error_or_a_log(
    google: SecretManager,
    store: GcpSecretManagerValues,
    answer: Answer,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    google.answers += [refusal(404, "NOT_FOUND", "none"), Answer({}), answer]
    with pytest.raises(StrongroomError) as refused:
        store.write(SECRET, {"api_key": VALUE}, NOTHING)
    logged = [str(vars(line)) for line in caplog.records]
    for text in (str(refused.value), repr(refused.value), *logged, *capfd.readouterr()):
        assert not canary.is_in(VALUE, text)
        assert not canary.is_in(TOKEN, text)
    assert refused.value.__context__ is None


@pytest.mark.parametrize(
    ("data", "checksum"),
    [(b"", 0), (b"123456789", 0xE3069283), (b"\0" * 32, 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43)],
)
def test_checksums_are_those_of_the_standard(data: bytes, checksum: int) -> None:
    # RFC 3720, B.4, and the check value of CRC-32C.
    assert crc32c(data) == checksum


@given(st.binary(max_size=200), st.integers(0, 199), st.integers(1, 255))
def test_a_changed_byte_always_changes_the_checksum(data: bytes, place: int, change: int) -> None:
    if place < len(data):
        damaged = bytes([*data[:place], data[place] ^ change, *data[place + 1 :]])
        assert crc32c(damaged) != crc32c(data)
