"""What the function writes and raises holds no value, whatever fails, and however much Lambda is told to log."""

import json
import logging
import traceback
from collections.abc import Iterator
from types import SimpleNamespace

import botocore.exceptions
import pytest

from strongroom.aws.rotation.function.errors import RotationError, describe
from strongroom.aws.rotation.function.handler import handle, step
from strongroom.aws.rotation.function.value import Value
from strongroom_sandbox import Sandbox
from strongroom_sandbox.servers.moto import REGION
from support.canary import is_in
from support.rotation import STEPS, Bench, KillAfter, watched_database

CANARY = "canary-Zx9%q'\"\\ü"
OPERATOR = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


def whole(error: BaseException) -> str:
    """The exception as Lambda writes it, and with all that hangs on it and the locals of its frames in its own code."""
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=False).format())
    return f"{shown}\n{error!r}\n{error.args!r}"


@pytest.mark.engine
def test_a_rotation_by_the_real_handler_logs_no_value(
    servers: Sandbox, everything_logged: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(servers)
    operator = servers.moto.operator
    for name, value in zip(OPERATOR, operator, strict=False):
        monkeypatch.setenv(name, str(value))
    for name, text in {**bench.environment, "AWS_ENDPOINT_URL": servers.moto.endpoint}.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    old = bench.user()
    secret = bench.secret(old)
    token = bench.begin(secret)
    everything_logged.clear()

    for name in STEPS:
        handle({"Step": name, "SecretId": secret, "ClientRequestToken": token})

    new = bench.fields(secret)
    assert bench.logs_in(new)
    for password in (old["password"], new["password"]):
        assert not is_in(password, everything_logged.text)
    assert "finishSecret of" in everything_logged.text


@pytest.mark.engine
@pytest.mark.parametrize(
    "changes",
    [
        {"password": CANARY},
        {"username": CANARY},
        {"host": CANARY},
        {"port": CANARY},
        {"dbname": CANARY},
        {"engine": CANARY},
    ],
)
def test_a_failure_says_nothing_of_the_value(
    servers: Sandbox, everything_logged: pytest.LogCaptureFixture, changes: dict[str, str]
) -> None:
    bench = Bench(servers)
    secret = bench.secret(bench.user() | changes)
    token = bench.begin(secret)
    bench.step("createSecret", secret, token)
    pending = bench.fields(secret, "AWSPENDING")["password"]
    everything_logged.clear()
    with pytest.raises(RotationError) as error:
        bench.step("setSecret", secret, token)
    for value in (CANARY, pending):
        assert not is_in(value, whole(error.value) + everything_logged.text)


@pytest.mark.engine
@pytest.mark.parametrize("text", [CANARY, f'"{CANARY}"', f'{{"password": "{CANARY}'])
def test_a_value_that_is_no_json_object_is_not_quoted(servers: Sandbox, text: str) -> None:
    bench = Bench(servers)
    secret = str(bench.client.create_secret(Name=f"text-{abs(hash(text))}", SecretString=text)["ARN"])
    with pytest.raises(RotationError, match="is no JSON object") as error:
        bench.step("createSecret", secret, bench.begin(secret))
    assert not is_in(CANARY, whole(error.value))


@pytest.mark.engine
def test_statements_hold_no_password(servers: Sandbox) -> None:
    """So that no log of the server can: what it is told is a verifier."""
    import pg8000.native

    bench = Bench(servers)
    old = bench.user()
    secret = bench.secret(old)
    sent: list[str] = []
    with watched_database(KillAfter(0)), pytest.MonkeyPatch.context() as patch:
        run = pg8000.native.Connection.run
        patch.setattr(
            pg8000.native.Connection, "run", lambda self, text, **more: sent.append(text) or run(self, text, **more)
        )
        bench.rotate(secret)
    new = bench.fields(secret)
    assert [text for text in sent if text.startswith("ALTER ROLE") and "SCRAM-SHA-256$4096:" in text]
    assert not [text for text in sent for password in (old["password"], new["password"]) if is_in(password, text)]


class FailingClient:
    """A client whose call fails as botocore's do that quote what they were given."""

    class exceptions:  # noqa: N801 - botocore's own name
        ResourceNotFoundException = KeyError

    def describe_secret(self, **_: str) -> None:
        from botocore.exceptions import ClientError

        raise ClientError({"Error": {"Code": "ValidationException", "Message": f"Value {CANARY}"}}, "PutSecretValue")


def test_of_an_error_of_aws_only_operation_and_code_are_said() -> None:
    event = {"Step": "createSecret", "SecretId": "arn", "ClientRequestToken": "t"}
    with pytest.raises(RotationError) as error:
        step(event, FailingClient(), {"ROTATION_STRATEGY": "postgresql-single-user"})
    assert str(error.value) == "createSecret of arn, version t: ClientError (PutSecretValue ValidationException)"
    assert not is_in(CANARY, whole(error.value))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError(CANARY), "ValueError"),
        (ValueError({"C": "42501", "M": CANARY}), "ValueError (42501)"),
        (ValueError({"C": CANARY}), "ValueError"),
        (ValueError(1045, CANARY), "ValueError (1045)"),
        (OSError(111, CANARY), "ConnectionRefusedError (111)"),
        (json.JSONDecodeError("x", CANARY, 0), "JSONDecodeError"),
        (UnicodeEncodeError("ascii", CANARY, 0, 1, CANARY), "UnicodeEncodeError"),
        (RotationError("our own words"), "our own words"),
    ],
)
def test_of_anybody_elses_error_type_and_code_are_said(error: Exception, said: str) -> None:
    assert describe(error) == said


def test_a_value_shows_nothing_of_itself() -> None:
    value = Value({"password": CANARY}, "arn, version v")
    assert f"{value} {value!r} {[value]}" == "<value of arn, version v> " * 2 + "[<value of arn, version v>]"


def test_an_event_that_is_none_of_secrets_manager_is_refused() -> None:
    for event in ({}, {"Step": 1}, {"Step": "createSecret", "SecretId": "a\nb", "ClientRequestToken": "t"}):
        with pytest.raises(RotationError, match="only Secrets Manager calls this function"):
            step(event, FailingClient(), {})


@pytest.mark.parametrize("name", ["ConnectTimeoutError", "EndpointConnectionError"])
def test_a_function_in_a_vpc_without_a_way_to_secrets_manager_says_what_it_lacks(name: str) -> None:
    """And not a database: of that one the host is said to be out of reach."""

    def refuse(**_: object) -> None:
        raise getattr(botocore.exceptions, name)(endpoint_url="https://secretsmanager.eu-central-1.amazonaws.com")

    event = {"Step": "createSecret", "SecretId": "arn", "ClientRequestToken": "7" * 32}
    with pytest.raises(RotationError, match=r"Secrets Manager cannot be reached .*an endpoint") as error:
        step(event, SimpleNamespace(describe_secret=refuse), {"ROTATION_STRATEGY": "postgresql-single-user"})
    assert name in str(error.value)
