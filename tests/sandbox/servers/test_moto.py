"""moto stands where AWS would: nobody does anything there without a key, a signature, and the right to do it."""

import json
from collections.abc import Iterator

import pytest

from strongroom_sandbox import Sandbox
from strongroom_sandbox.servers.moto import ACCOUNT, AwsKey
from support import aws
from support.sandbox import running


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("sandbox"), "moto") as started:
        yield started


def test_it_is_not_started_unless_asked_for(sandbox: Sandbox) -> None:
    assert sandbox.moto.on_request
    assert {status.name for status in sandbox.status() if status.state == "healthy"} == {"moto"}


def test_the_operator_is_known_and_its_key_is_in_a_file_for_the_owner_alone(sandbox: Sandbox) -> None:
    assert sandbox.moto.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/operator"
    assert sandbox.moto.operator_file.stat().st_mode & 0o777 == 0o600
    assert sandbox.moto.operator_file in sandbox.secret_files().values()


def test_a_further_up_leaves_the_account_as_it_is(sandbox: Sandbox) -> None:
    before = sandbox.moto.operator
    sandbox.up(print, ["moto"])
    assert sandbox.moto.operator == before
    assert sandbox.moto.client("sts").get_caller_identity()["Account"] == ACCOUNT


@pytest.mark.parametrize("secret_key", ["", "guessed-secret-key"])
def test_whoever_has_no_key_or_signs_with_another_is_refused(sandbox: Sandbox, secret_key: str) -> None:
    key = sandbox.moto.operator
    unknown = AwsKey("AKIAIOSFODNN7EXAMPLE", secret_key or key.secret_key)
    assert aws.refusal(sandbox.moto.client("sts", unknown).get_caller_identity) == "InvalidClientTokenId"
    forged = key._replace(secret_key=secret_key or "another-secret-key")
    assert aws.refusal(sandbox.moto.client("sts", forged).get_caller_identity) == "SignatureDoesNotMatch"


def test_a_user_may_do_what_its_policy_says_and_nothing_else(sandbox: Sandbox) -> None:
    key = sandbox.moto.user("reader", json.dumps(aws.policy("s3:ListAllMyBuckets")))
    assert aws.refusal(sandbox.moto.client("s3", key).list_buckets) == ""
    assert aws.refusal(sandbox.moto.client("iam", key).list_users) == "AccessDenied"


def test_a_start_begins_with_an_account_that_has_only_the_operator(sandbox: Sandbox) -> None:
    sandbox.moto.client("iam").create_user(UserName="somebody")
    sandbox.moto.stop()
    before = sandbox.moto.operator
    sandbox.up(print, ["moto"])
    assert sandbox.moto.operator != before
    users = sandbox.moto.client("iam").list_users()["Users"]
    assert [user["UserName"] for user in users] == ["operator"]
