"""Values in Parameter Store: written with the operator's own key to moto, and read as an application does."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from strongroom.aws.parameter_store.plan import AwsParameters
from strongroom.aws.place import AwsPlace
from strongroom.aws.refusals import AwsError
from strongroom.values.aws_parameter_store import ParameterStoreValues
from strongroom.values.channel import Target, fill, put, remove
from strongroom.values.store import NOTHING, ValuesError
from strongroom_sandbox import Sandbox
from strongroom_sandbox.servers.moto import ACCOUNT, REGION
from support import canary
from support.aws import as_caller, policy
from support.sandbox import running

SECRET = AwsParameters(
    slice="payments",
    team="payments",
    name="stripe",
    store="parameters",
    path="/prod/payments/stripe",
    fields=("api_key", "webhook_secret"),
    rotate_every_seconds=None,
    description="keys of the payment service",
    place=AwsPlace(account=ACCOUNT, region=REGION, partition="aws"),
    kms_key=None,
    tier="standard",
    expire_after_seconds=None,
    notify_before_expiry_seconds=None,
    notify_unchanged_after_seconds=None,
)
VALUE = "canary-of-parameter-store"
NEEDED = ("ssm:DescribeParameters", "ssm:PutParameter", "ssm:DeleteParameters")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("sandbox"), "moto") as started:
        yield started


@pytest.fixture
def secret(sandbox: Sandbox, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AwsParameters:
    """A secret that nobody wrote yet; the caller is an operator with the documented rights, who can read no value."""
    mark = str(abs(hash(request.node.name)))
    as_caller(monkeypatch, sandbox.moto, sandbox.moto.user(f"values-{mark}", json.dumps(policy(*NEEDED))))
    return replace(SECRET, path=f"/prod/payments/{mark}")


def _read(sandbox: Sandbox, secret: AwsParameters) -> dict[str, str]:
    client = sandbox.moto.client("ssm")
    found = client.get_parameters_by_path(Path=secret.path, WithDecryption=True)["Parameters"]
    return {parameter["Name"].rpartition("/")[2]: parameter["Value"] for parameter in found}


def _about(sandbox: Sandbox, secret: AwsParameters, field: str) -> dict[str, Any]:
    chosen = [{"Key": "Name", "Values": [secret.parameter(field)]}]
    about: dict[str, Any] = sandbox.moto.client("ssm").describe_parameters(ParameterFilters=chosen)["Parameters"][0]
    return about


def test_each_field_is_a_secure_string_below_the_secrets_path(sandbox: Sandbox, secret: AwsParameters) -> None:
    store = ParameterStoreValues()
    assert store.stored(secret) == NOTHING
    put(store, Target(secret, None), {"api_key": VALUE, "webhook_secret": "ü ✓"}, NOTHING)
    assert _read(sandbox, secret) == {"api_key": VALUE, "webhook_secret": "ü ✓"}
    about = _about(sandbox, secret, "api_key")
    assert (about["Type"], about["Tier"]) == ("SecureString", "Standard")
    assert about["Description"] == "keys of the payment service"
    assert store.stored(secret).fields == {"api_key", "webhook_secret"}


def test_the_declared_key_encrypts_it(sandbox: Sandbox, secret: AwsParameters) -> None:
    kms = sandbox.moto.client("kms")
    alias = f"alias/prod-{secret.path[-8:]}"
    kms.create_alias(AliasName=alias, TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    put(ParameterStoreValues(), Target(replace(secret, kms_key=alias), "api_key"), {"api_key": VALUE}, NOTHING)
    assert _about(sandbox, secret, "api_key")["KeyId"] == alias


def test_one_field_is_written_and_the_other_stays(sandbox: Sandbox, secret: AwsParameters) -> None:
    store = ParameterStoreValues()
    put(store, Target(secret, None), {"api_key": "one", "webhook_secret": "two"}, NOTHING)
    put(store, Target(secret, "api_key"), {"api_key": "three"}, store.stored(secret))
    assert _read(sandbox, secret) == {"api_key": "three", "webhook_secret": "two"}
    assert store.stored(secret).version == "api_key:2,webhook_secret:1"


def test_a_write_after_somebody_elses_is_refused(sandbox: Sandbox, secret: AwsParameters) -> None:
    store = ParameterStoreValues()
    put(store, Target(secret, "api_key"), {"api_key": "one"}, NOTHING)
    with pytest.raises(ValuesError, match="changed by somebody else"):
        put(store, Target(secret, "api_key"), {"api_key": "two"}, NOTHING)
    assert _read(sandbox, secret) == {"api_key": "one"}


def test_a_first_write_that_meets_another_ones_is_refused_by_the_store_itself(
    sandbox: Sandbox, secret: AwsParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ParameterStoreValues()
    sandbox.moto.client("ssm").put_parameter(Name=secret.parameter("api_key"), Value="theirs", Type="SecureString")
    monkeypatch.setattr(store, "stored", lambda _: NOTHING)
    with pytest.raises(ValuesError, match="changed by somebody else"):
        put(store, Target(secret, "api_key"), {"api_key": "ours"}, NOTHING)
    assert _read(sandbox, secret) == {"api_key": "theirs"}


def test_only_missing_fields_are_generated(sandbox: Sandbox, secret: AwsParameters) -> None:
    store = ParameterStoreValues()
    put(store, Target(secret, "api_key"), {"api_key": "one"}, NOTHING)
    assert fill(store, Target(secret, None), lambda: "generated", replace=False)[1] == ("webhook_secret",)
    assert _read(sandbox, secret) == {"api_key": "one", "webhook_secret": "generated"}


def test_fields_are_removed_one_by_one_or_all_for_good(sandbox: Sandbox, secret: AwsParameters) -> None:
    store = ParameterStoreValues()
    put(store, Target(secret, None), {"api_key": "one", "webhook_secret": "two"}, NOTHING)
    remove(store, Target(secret, "webhook_secret"), destroy=False)
    assert _read(sandbox, secret) == {"api_key": "one"}
    with pytest.raises(ValuesError, match="--destroy"):
        remove(store, Target(secret, None), destroy=False)
    remove(store, Target(secret, None), destroy=True)
    assert _read(sandbox, secret) == {}
    assert store.stored(secret) == NOTHING


def test_parameters_further_below_or_beside_are_no_fields(sandbox: Sandbox, secret: AwsParameters) -> None:
    client = sandbox.moto.client("ssm")
    for name in (f"{secret.path}/deeper/api_key", f"{secret.path}-other/api_key"):
        client.put_parameter(Name=name, Value="x", Type="SecureString")
    assert ParameterStoreValues().stored(secret) == NOTHING


def test_policies_of_a_parameter_are_sent_as_aws_defines_them(
    sandbox: Sandbox, secret: AwsParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = 86400
    strict = replace(
        secret,
        tier="advanced",
        expire_after_seconds=90 * day,
        notify_before_expiry_seconds=15 * day,
        notify_unchanged_after_seconds=30 * day + 3600,
    )
    store, sent = ParameterStoreValues(), {}
    ask = store._ask
    monkeypatch.setattr(store, "_ask", lambda *a, **request: sent.update({a[1]: request}) or ask(*a, **request))
    put(store, Target(strict, "api_key"), {"api_key": VALUE}, NOTHING)
    assert sent["put_parameter"]["Tier"] == "Advanced"
    expiration, notice, unchanged = json.loads(sent["put_parameter"]["Policies"])
    assert expiration["Type"] == "Expiration"
    assert expiration["Attributes"]["Timestamp"].endswith("Z")
    assert notice == {
        "Type": "ExpirationNotification",
        "Version": "1.0",
        "Attributes": {"Before": "15", "Unit": "Days"},
    }
    assert unchanged == {
        "Type": "NoChangeNotification",
        "Version": "1.0",
        "Attributes": {"After": "721", "Unit": "Hours"},
    }


def test_a_standard_parameter_is_sent_without_policies_as_it_can_have_none(
    secret: AwsParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, sent = ParameterStoreValues(), {}
    ask = store._ask
    monkeypatch.setattr(store, "_ask", lambda *a, **request: sent.update({a[1]: request}) or ask(*a, **request))
    put(store, Target(secret, "api_key"), {"api_key": VALUE}, NOTHING)
    assert "Policies" not in sent["put_parameter"]


def test_policies_that_are_declared_no_more_are_taken_away(
    secret: AwsParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS keeps them until it is sent an empty one, and an old expiration would delete the new value."""
    store, sent = ParameterStoreValues(), {}
    advanced = replace(secret, tier="advanced")
    put(store, Target(replace(advanced, expire_after_seconds=86400), "api_key"), {"api_key": "one"}, NOTHING)
    ask = store._ask
    monkeypatch.setattr(store, "_ask", lambda *a, **request: sent.update({a[1]: request}) or ask(*a, **request))
    put(store, Target(advanced, "api_key"), {"api_key": "two"}, store.stored(advanced))
    assert sent["put_parameter"]["Policies"] == "[{}]"


@pytest.mark.parametrize(
    ("tier", "value", "says"),
    [
        ("standard", "ü" * 2049, r"has 4,098 bytes, .* standard tier takes 4,096"),
        ("advanced", "x" * 8193, r"has 8,193 bytes, .* advanced tier takes 8,192"),
        ("intelligent-tiering", "x" * 8193, r"has 8,193 bytes, .* intelligent-tiering tier takes 8,192"),
        ("advanced", "a {{ssm:other}}", r"has \{\{, which Parameter Store takes for another parameter"),
    ],
)
def test_what_no_parameter_holds_is_refused_before_any_field_is_written(
    sandbox: Sandbox, secret: AwsParameters, tier: str, value: str, says: str
) -> None:
    with pytest.raises(ValuesError, match=rf"webhook_secret of payments/stripe {says}") as caught:
        put(
            ParameterStoreValues(),
            Target(replace(secret, tier=tier), None),
            {"api_key": VALUE, "webhook_secret": value},
            NOTHING,
        )
    assert value not in str(caught.value)
    assert _read(sandbox, secret) == {}


def test_a_write_that_fails_halfway_says_what_was_written(
    sandbox: Sandbox, secret: AwsParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ParameterStoreValues()
    write = store._put

    def write_one(asked: AwsParameters, field: str, *more: Any, **how: Any) -> None:
        if field == "webhook_secret":
            raise AwsError("ssm put_parameter: throttled", "ThrottlingException")
        write(asked, field, *more, **how)

    monkeypatch.setattr(store, "_put", write_one)
    both = {"api_key": "one", "webhook_secret": "two"}
    with pytest.raises(
        ValuesError, match=r"throttled; api_key was written before that, webhook_secret was not: repeat"
    ):
        put(store, Target(secret, None), both, NOTHING)
    monkeypatch.setattr(store, "_put", write)
    put(store, Target(secret, None), both, store.stored(secret))
    assert _read(sandbox, secret) == both


def test_a_missing_right_is_named_and_the_value_is_not(
    sandbox: Sandbox, secret: AwsParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    onlooker = sandbox.moto.user(f"onlooker{secret.path[-6:]}", json.dumps(policy(NEEDED[0])))
    as_caller(monkeypatch, sandbox.moto, onlooker)
    with pytest.raises(AwsError, match=r"ssm put_parameter .*may not do that") as caught:
        put(ParameterStoreValues(), Target(secret, "api_key"), {"api_key": VALUE}, NOTHING)
    assert not canary.is_in(VALUE, str(caught.value))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_the_form_that_a_value_has_to_have_is_the_stores_business_too(
    sandbox: Sandbox, secret: AwsParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    formed = replace(secret, patterns=(("api_key", "sk_(live|test)_[a-z]+|none"),))
    store, sent = ParameterStoreValues(), {}
    ask = store._ask
    monkeypatch.setattr(store, "_ask", lambda *a, **request: sent.update({a[1]: request}) or ask(*a, **request))
    put(store, Target(formed, None), {"api_key": "sk_live_abc", "webhook_secret": "any"}, NOTHING)
    assert _about(sandbox, formed, "api_key")["AllowedPattern"] == "^(?:sk_(live|test)_[a-z]+|none)$"
    assert "AllowedPattern" not in sent["put_parameter"]
