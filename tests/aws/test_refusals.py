"""What AWS refuses, as people read it: never with a value, always with what to do."""

import json
import threading
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    SSLError,
    UnauthorizedSSOTokenError,
)

from strongroom.aws import account
from strongroom.aws.account import AwsAccount
from strongroom.aws.place import AwsPlace
from strongroom.aws.refusals import AwsError, explained

PLACE = AwsPlace(account="111122223333", region="eu-central-1", partition="aws")
KEY = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\t hkiG9w0  BAQEFAASC\n-----END KEY-----\n"


def _said(message: str, hide: list[str]) -> str:
    answer: Any = {"Error": {"Code": "ValidationException", "Message": message}}
    return str(explained(ClientError(answer, "PutSecretValue"), "secretsmanager put_secret_value", PLACE, hide))


@pytest.mark.parametrize("repeated", [KEY, json.dumps(KEY), json.dumps({"key": KEY}), KEY[5:40], " ".join(KEY.split())])
def test_an_answer_that_repeats_a_value_is_left_out_however_it_is_written(repeated: str) -> None:
    said = _said(f"1 validation error detected: Value '{repeated}' at 'secretString' is too long", [KEY])
    assert "MIIEvQ" not in said
    assert "AWS's own words repeat a value" in said
    assert "[ValidationException]" in said


def test_an_answer_that_repeats_no_value_is_kept() -> None:
    assert "is too long" in _said("Value at 'secretString' is too long", [KEY, "", "abc"])


def test_a_short_value_is_not_told_from_where_it_stood() -> None:
    assert "ab1" not in _said("Value 'ab1' at 'value' is not allowed", ["ab1"])


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (UnauthorizedSSOTokenError(), "log in again"),
        (CredentialRetrievalError(provider="sso", error_msg="no"), "log in again"),
        (SSLError(endpoint_url="https://x", error="no"), "network and proxy"),
        (ConnectTimeoutError(endpoint_url="https://x"), "network and proxy"),
    ],
)
def test_what_has_no_answer_of_aws_has_a_remedy_too(error: Any, says: str) -> None:
    assert says in str(explained(error, "sts get_caller_identity", PLACE, ()))


def test_a_profile_that_there_is_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobodys")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(AwsError, match=r"nobodys.*correct AWS_PROFILE"):
        AwsAccount(PLACE).ask("sts", "get_caller_identity")


def test_clients_are_made_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's sessions are not for several threads: boto3, "Session reference"."""
    at_once, most = 0, 0
    pause = threading.Event()

    class Session:
        def __init__(self, **_: Any) -> None: ...

        def client(self, *_: Any, **__: Any) -> str:
            nonlocal at_once, most
            at_once += 1
            most = max(most, at_once)
            pause.wait(0.05)
            at_once -= 1
            return "client"

    monkeypatch.setattr(account, "Session", Session)
    own = AwsAccount(PLACE)
    threads = [threading.Thread(target=own.client, args=("ssm",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
