"""ARNs: one account and one thing."""

import pytest
from pydantic import TypeAdapter, ValidationError

from strongroom.vault.aws.arns import Endpoint, PolicyArn, PrincipalArn, RoleArn, has_path


@pytest.mark.parametrize(
    ("kind", "arn"),
    [
        (RoleArn, "arn:aws:iam::111122223333:role/reader"),
        (RoleArn, "arn:aws-cn:iam::111122223333:role/team/reader"),
        (PolicyArn, "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        (PolicyArn, "arn:aws:iam::111122223333:policy/team/limits"),
        (PrincipalArn, "arn:aws:iam::111122223333:user/batch"),
        (PrincipalArn, "arn:aws-us-gov:iam::111122223333:role/checkout"),
    ],
)
def test_one_thing_of_one_account_is_taken(kind: object, arn: str) -> None:
    assert TypeAdapter(kind).validate_python(arn) == arn


@pytest.mark.parametrize(
    ("arn", "why"),
    [
        ("arn:aws:iam::111122223333:role/*", "is a pattern, which others match too"),
        ("arn:aws:iam::111122223333:role/team?", "is a pattern"),
        ("arn:aws:iam::*:role/reader", "is a pattern"),
        ("arn:aws:sts::111122223333:assumed-role/reader/i-1", "is one session of a role"),
        ("arn:aws:iam::111122223333:root", "is everybody in the account"),
        ("arn:aws:iam::1111:role/reader", "is not the right ARN"),
        ("arn:aws:iam::aws:role/reader", "is not the right ARN"),
        ("arn:aws:iam::111122223333:group/admins", "is not the right ARN"),
        ("arn:aws:iam::111122223333:role/reader\n", "is not the right ARN"),
        ("reader", "is not the right ARN"),
    ],
)
def test_everything_else_is_refused_as_a_principal(arn: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        TypeAdapter(PrincipalArn).validate_python(arn)


def test_a_path_is_seen() -> None:
    assert has_path("arn:aws:iam::111122223333:role/team/reader")
    assert not has_path("arn:aws:iam::111122223333:role/reader")


@pytest.mark.parametrize(
    "url",
    ["https://sts.eu-central-1.amazonaws.com", "http://127.0.0.1:5000", "http://localhost:5000", "http://[::1]:5000"],
)
def test_an_endpoint_is_encrypted_or_on_this_machine(url: str) -> None:
    assert TypeAdapter(Endpoint).validate_python(url) == url


@pytest.mark.parametrize(
    "url",
    ["http://sts.amazonaws.com", "http://127.0.0.1.example", "http://user@127.0.0.1", "ftp://127.0.0.1", "127.0.0.1"],
)
def test_any_other_endpoint_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="must begin with https://"):
        TypeAdapter(Endpoint).validate_python(url)
