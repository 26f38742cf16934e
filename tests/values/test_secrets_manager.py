"""Values in AWS Secrets Manager: written with the operator's own key to moto, and read as an application does."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from strongroom.aws.place import AwsPlace
from strongroom.aws.refusals import AwsError
from strongroom.aws.secrets_manager.plan import AwsSecret
from strongroom.errors import StrongroomError
from strongroom.values.aws_secrets_manager import WRITING, SecretsManagerValues
from strongroom.values.channel import Target, fill, put, remove, status
from strongroom.values.store import NOTHING, ValuesError
from strongroom_sandbox import Sandbox
from strongroom_sandbox.servers.moto import ACCOUNT, REGION, AwsKey
from support import canary
from support.aws import as_caller, policy
from support.sandbox import running

PLACE = AwsPlace(account=ACCOUNT, region=REGION, partition="aws")
SECRET = AwsSecret(
    slice="payments",
    team="payments",
    name="stripe",
    store="aws",
    path="prod/payments/stripe",
    fields=("api_key", "webhook_secret"),
    rotate_every_seconds=86400,
    description="",
    place=PLACE,
    kms_key=None,
    replicas=(),
    recovery_window_days=30,
    protect=True,
)
VALUE = "canary-of-secrets-manager"
NEEDED = [f"secretsmanager:{action}" for action in (
    "DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage",
)]  # fmt: skip


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("sandbox"), "moto") as started:
        yield started


@pytest.fixture
def secret(sandbox: Sandbox, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AwsSecret:
    """A container without a value, as a deployment makes it; the caller is an operator with the documented rights."""
    path = f"prod/payments/{abs(hash(request.node.name))}"
    sandbox.moto.client("secretsmanager").create_secret(Name=path)
    operator = f"values-{abs(hash(request.node.name))}"
    as_caller(monkeypatch, sandbox.moto, sandbox.moto.user(operator, json.dumps(policy(*NEEDED))))
    return replace(SECRET, path=path)


def _read(sandbox: Sandbox, secret: AwsSecret) -> dict[str, str]:
    # moto (5.2) forgets which version is the newest when a stage is moved; asked for the stage, it knows.
    client = sandbox.moto.client("secretsmanager")
    answer = client.get_secret_value(SecretId=secret.path, VersionStage="AWSCURRENT")
    read: dict[str, str] = json.loads(answer["SecretString"])
    return read


def _stages(sandbox: Sandbox, secret: AwsSecret) -> list[str]:
    about = sandbox.moto.client("secretsmanager").describe_secret(SecretId=secret.path)
    return sorted(stage for version in about["VersionIdsToStages"].values() for stage in version)


def test_what_is_put_is_what_an_application_reads(sandbox: Sandbox, secret: AwsSecret) -> None:
    store = SecretsManagerValues()
    seen = store.stored(secret)
    assert seen == NOTHING
    version = put(store, Target(secret, None), {"api_key": VALUE, "webhook_secret": "ü ✓"}, seen)
    assert _read(sandbox, secret) == {"api_key": VALUE, "webhook_secret": "ü ✓"}
    now = store.stored(secret)
    assert (now.version, now.fields) == (version, {"api_key", "webhook_secret"})
    assert now.created is not None
    assert now.created.utcoffset() is not None


def test_one_field_is_written_and_the_others_stay(sandbox: Sandbox, secret: AwsSecret) -> None:
    store = SecretsManagerValues()
    put(store, Target(secret, None), {"api_key": "one", "webhook_secret": "two"}, NOTHING)
    put(store, Target(secret, "api_key"), {"api_key": "three"}, store.stored(secret))
    assert _read(sandbox, secret) == {"api_key": "three", "webhook_secret": "two"}


def test_the_older_version_stays_as_the_previous_one_and_no_stage_of_ours_is_left(
    sandbox: Sandbox, secret: AwsSecret
) -> None:
    store = SecretsManagerValues()
    for value in ("one", "two"):
        put(store, Target(secret, "api_key"), {"api_key": value}, store.stored(secret))
    assert _stages(sandbox, secret) == ["AWSCURRENT", "AWSPREVIOUS"]


def test_a_concurrent_write_is_noticed_and_not_overwritten(sandbox: Sandbox, secret: AwsSecret) -> None:
    store = SecretsManagerValues()
    put(store, Target(secret, "api_key"), {"api_key": "one"}, NOTHING)
    seen = store.stored(secret)
    put(store, Target(secret, "api_key"), {"api_key": "somebody else's"}, seen)
    with pytest.raises(ValuesError, match="changed by somebody else"):
        put(store, Target(secret, "api_key"), {"api_key": "two"}, seen)
    assert _read(sandbox, secret) == {"api_key": "somebody else's"}


def test_a_write_between_looking_and_writing_is_noticed_too(
    sandbox: Sandbox, secret: AwsSecret, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SecretsManagerValues()
    put(store, Target(secret, "api_key"), {"api_key": "one"}, NOTHING)
    look = store._newest

    def look_and_be_late(asked: AwsSecret):  # type: ignore[no-untyped-def]
        found = look(asked)
        sandbox.moto.client("secretsmanager").put_secret_value(SecretId=asked.path, SecretString='{"api_key": "late"}')
        return found

    seen = store.stored(secret)
    monkeypatch.setattr(store, "_newest", look_and_be_late)
    with pytest.raises(ValuesError, match="changed by somebody else"):
        put(store, Target(secret, "api_key"), {"api_key": "two"}, seen)
    assert _read(sandbox, secret) == {"api_key": "late"}


def test_a_first_write_that_meets_another_ones_is_noticed_too(
    sandbox: Sandbox, secret: AwsSecret, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SecretsManagerValues()
    sandbox.moto.client("secretsmanager").put_secret_value(SecretId=secret.path, SecretString='{"api_key": "theirs"}')
    monkeypatch.setattr(store, "_newest", lambda _: (NOTHING, {}))
    with pytest.raises(ValuesError, match="changed by somebody else"):
        put(store, Target(secret, "api_key"), {"api_key": "ours"}, NOTHING)
    assert _read(sandbox, secret) == {"api_key": "theirs"}
    assert _stages(sandbox, secret) == ["AWSCURRENT"]


def test_a_write_succeeds_though_another_one_begins_before_it_ends(
    sandbox: Sandbox, secret: AwsSecret, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SecretsManagerValues()
    put(store, Target(secret, "api_key"), {"api_key": "one"}, NOTHING)
    client, ask = sandbox.moto.client("secretsmanager"), store._ask

    def ask_and_be_followed(asked: AwsSecret, operation: str, *more: Any, **request: Any) -> Any:
        answer = ask(asked, operation, *more, **request)
        if operation == "put_secret_value":
            client.put_secret_value(SecretId=asked.path, SecretString="{}", VersionStages=[WRITING])
        return answer

    seen = store.stored(secret)
    monkeypatch.setattr(store, "_ask", ask_and_be_followed)
    put(store, Target(secret, "api_key"), {"api_key": "two"}, seen)
    assert _read(sandbox, secret) == {"api_key": "two"}


def test_what_is_left_of_a_write_that_was_cut_off_is_in_nobodys_way(sandbox: Sandbox, secret: AwsSecret) -> None:
    store = SecretsManagerValues()
    put(store, Target(secret, "api_key"), {"api_key": "one"}, NOTHING)
    client = sandbox.moto.client("secretsmanager")
    client.put_secret_value(SecretId=secret.path, SecretString='{"api_key": "cut off"}', VersionStages=[WRITING])
    put(store, Target(secret, "api_key"), {"api_key": "two"}, store.stored(secret))
    assert _read(sandbox, secret) == {"api_key": "two"}
    assert _stages(sandbox, secret) == ["AWSCURRENT", "AWSPREVIOUS"]


@pytest.mark.parametrize("enabled", [True, False])
def test_a_write_that_a_rotation_under_way_would_undo_is_refused(
    sandbox: Sandbox, secret: AwsSecret, monkeypatch: pytest.MonkeyPatch, enabled: bool
) -> None:
    """Whatever becomes current meanwhile, a rotation puts its pending version in that place when it ends."""
    store = SecretsManagerValues()
    put(store, Target(secret, "api_key"), {"api_key": "one"}, NOTHING)
    client, ask = sandbox.moto.client("secretsmanager"), store._ask
    client.put_secret_value(SecretId=secret.path, SecretString='{"api_key": "new"}', VersionStages=["AWSPENDING"])

    def ask_of_a_rotated_one(asked: AwsSecret, operation: str, *more: Any, **request: Any) -> Any:
        answer = ask(asked, operation, *more, **request)
        return {**answer, "RotationEnabled": enabled} if operation == "describe_secret" else answer

    monkeypatch.setattr(store, "_ask", ask_of_a_rotated_one)
    if enabled:
        with pytest.raises(ValuesError, match=r"is being rotated.*nothing was written.*cancel-rotate-secret"):
            put(store, Target(secret, "api_key"), {"api_key": "two"}, store.stored(secret))
        with pytest.raises(ValuesError, match="is being rotated"):
            remove(store, Target(secret, "api_key"), destroy=False)
        assert _read(sandbox, secret) == {"api_key": "one"}
    else:
        put(store, Target(secret, "api_key"), {"api_key": "two"}, store.stored(secret))
        assert _read(sandbox, secret) == {"api_key": "two"}


def test_more_than_a_version_holds_is_refused_before_anything_is_written(secret: AwsSecret) -> None:
    store = SecretsManagerValues()
    put(store, Target(secret, "api_key"), {"api_key": "one"}, NOTHING)
    seen = store.stored(secret)
    with pytest.raises(ValuesError, match=r"payments/stripe would have 65,5\d\d bytes .* 65,536; nothing was written"):
        put(store, Target(secret, "webhook_secret"), {"webhook_secret": "ü" * 32_750}, seen)
    assert store.stored(secret) == seen


def test_missing_fields_are_generated_and_the_others_are_kept(sandbox: Sandbox, secret: AwsSecret) -> None:
    store = SecretsManagerValues()
    put(store, Target(secret, "api_key"), {"api_key": "one"}, NOTHING)
    _, made = fill(store, Target(secret, None), lambda: "generated", replace=False)
    assert made == ("webhook_secret",)
    assert _read(sandbox, secret) == {"api_key": "one", "webhook_secret": "generated"}
    assert status([secret], lambda _: store)[0].missing == ()


def test_a_field_can_be_taken_out(sandbox: Sandbox, secret: AwsSecret) -> None:
    store = SecretsManagerValues()
    put(store, Target(secret, None), {"api_key": "one", "webhook_secret": "two"}, NOTHING)
    remove(store, Target(secret, "webhook_secret"), destroy=False)
    assert _read(sandbox, secret) == {"api_key": "one"}


@pytest.mark.parametrize("destroy", [False, True])
def test_the_container_is_not_deleted_behind_the_deployment(secret: AwsSecret, destroy: bool) -> None:
    with pytest.raises(ValuesError, match="take it out of the catalog"):
        remove(SecretsManagerValues(), Target(secret, None), destroy=destroy)


def test_a_secret_that_was_not_deployed_is_an_error_that_says_so(secret: AwsSecret) -> None:
    with pytest.raises(AwsError, match="deploy the stack first"):
        SecretsManagerValues().stored(replace(secret, path="prod/payments/nowhere"))


def test_a_secret_that_is_scheduled_for_deletion_is_named_with_both_ways_out(
    sandbox: Sandbox, secret: AwsSecret
) -> None:
    put(SecretsManagerValues(), Target(secret, "api_key"), {"api_key": VALUE}, NOTHING)
    sandbox.moto.client("secretsmanager").delete_secret(SecretId=secret.path)
    with pytest.raises(AwsError, match=r"restore-secret .*`delete-secret --force-delete-without-recovery"):
        SecretsManagerValues().stored(secret)


def test_what_others_wrote_in_another_form_is_left_alone(sandbox: Sandbox, secret: AwsSecret) -> None:
    client = sandbox.moto.client("secretsmanager")
    client.put_secret_value(SecretId=secret.path, SecretString=VALUE)
    with pytest.raises(ValuesError, match="is no JSON object") as caught:
        put(SecretsManagerValues(), Target(secret, "api_key"), {"api_key": "one"}, NOTHING)
    assert not canary.is_in(VALUE, str(caught.value))
    assert client.get_secret_value(SecretId=secret.path)["SecretString"] == VALUE


def test_credentials_of_another_account_touch_nothing(sandbox: Sandbox, secret: AwsSecret) -> None:
    elsewhere = replace(secret, place=replace(PLACE, account="111122223333"))
    with pytest.raises(AwsError, match=rf"account {ACCOUNT} .* is in account 111122223333; nothing was touched"):
        put(SecretsManagerValues(), Target(elsewhere, "api_key"), {"api_key": VALUE}, NOTHING)
    assert "VersionIdsToStages" not in sandbox.moto.client("secretsmanager").describe_secret(SecretId=secret.path)


def test_without_credentials_the_error_says_how_to_get_some(
    secret: AwsSecret, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(AwsError, match=r"there are no AWS credentials .*AWS_PROFILE"):
        SecretsManagerValues().stored(secret)


def test_an_expired_login_is_named(sandbox: Sandbox, secret: AwsSecret, monkeypatch: pytest.MonkeyPatch) -> None:
    as_caller(monkeypatch, sandbox.moto, AwsKey("AKIAIOSFODNN7EXAMPLE", "unknown"))
    with pytest.raises(AwsError, match="not valid, or not any more: log in again"):
        SecretsManagerValues().stored(secret)


def test_a_missing_right_is_named_with_the_request(
    sandbox: Sandbox, secret: AwsSecret, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = sandbox.moto.user(f"reader-{secret.path[-6:]}", json.dumps(policy(*NEEDED[:2])))
    as_caller(monkeypatch, sandbox.moto, reader)
    with pytest.raises(AwsError, match=r"secretsmanager put_secret_value .*may not do that") as caught:
        put(SecretsManagerValues(), Target(secret, "api_key"), {"api_key": VALUE}, NOTHING)
    assert not canary.is_in(VALUE, str(caught.value))


def test_no_error_has_the_value_in_it_or_in_its_frames(
    sandbox: Sandbox, secret: AwsSecret, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = sandbox.moto.user(f"reader2-{secret.path[-6:]}", json.dumps(policy(*NEEDED[:2])))
    as_caller(monkeypatch, sandbox.moto, reader)
    with pytest.raises(StrongroomError) as caught:
        put(SecretsManagerValues(), Target(secret, "api_key"), {"api_key": VALUE}, NOTHING)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
