"""The policy that hangs on a secret: its readers read it, whatever others were allowed by IAM."""

import json
from typing import Any

import pytest

from strongroom.access.aws.decide import Policies
from strongroom.access.aws.statement import Statement, parse, text
from strongroom.aws.iam.limits import LimitError
from strongroom.aws.iam.secret_policy import LONGEST, READING, WRITING, Admitted, secret_policy
from support.iam import ACCOUNT, OTHER_ACCOUNT, READ, ROLE, answer, secret
from support.service_authorization import complaints

PATTERN = f"arn:aws:iam::{ACCOUNT}:role/strongroom/prod/*"
ROTATION = f"arn:aws:iam::{ACCOUNT}:role/strongroom/prod/rotation"
BREAK_GLASS = f"arn:aws:iam::{ACCOUNT}:role/break-glass"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/admin"
ELSEWHERE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"
STRIPE = secret("prod/shop/stripe")
WRITE = "secretsmanager:PutSecretValue"
EVERYTHING = parse("everything", text([Statement(effect="Allow", action=("*",), resource=("*",))]))


def _admitted(**changes: Any) -> Admitted:
    return Admitted(**{"readers": (ROLE, ROTATION, BREAK_GLASS), "role_pattern": PATTERN} | changes)


def _asked(admitted: Admitted, action: str, caller: str, session: str | None = None) -> str:
    policies = Policies(identity=(EVERYTHING,), resource=parse("secret's", secret_policy(admitted)))
    return answer(policies, action, STRIPE, caller, session=session)


def test_the_document_denies_and_gives_nothing() -> None:
    assert json.loads(secret_policy(_admitted())) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OnlyReadersRead",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": "*",
                "Condition": {"ArnNotLike": {"aws:PrincipalArn": [ROLE, ROTATION, BREAK_GLASS]}},
            }
        ],
    }


@pytest.mark.parametrize("reader", [ROLE, ROTATION, BREAK_GLASS])
def test_readers_read_in_all_their_sessions(reader: str) -> None:
    assert _asked(_admitted(), READ, reader) == "allowed"
    assert _asked(_admitted(), READ, reader, session="any") == "allowed"


@pytest.mark.parametrize(
    "caller",
    [
        ADMIN,
        f"{ROLE}2",
        f"arn:aws:iam::{ACCOUNT}:user/alice",
        f"arn:aws:iam::{ACCOUNT}:root",
        "rds.amazonaws.com",
        ELSEWHERE,
    ],
)
def test_whoever_else_asks_is_refused_though_iam_allows_everything(caller: str) -> None:
    assert _asked(_admitted(), READ, caller) == "denied"


def test_nobody_is_locked_out_of_managing_the_secret() -> None:
    admitted = _admitted(writers=(ROLE,))
    for action in ("UpdateSecret", "PutResourcePolicy", "DeleteResourcePolicy", "DescribeSecret", "TagResource",
                   "RotateSecret", "DeleteSecret", "RestoreSecret"):  # fmt: skip
        assert _asked(admitted, f"secretsmanager:{action}", ADMIN) == "allowed"
    assert not any(action.endswith(("Policy", "UpdateSecret")) for action in (*READING, *WRITING))


def test_writing_is_left_to_iam_unless_writers_are_named() -> None:
    assert _asked(_admitted(), WRITE, ADMIN) == "allowed"
    named = _admitted(writers=(ROTATION,))
    assert _asked(named, WRITE, ROTATION) == "allowed"
    assert _asked(named, WRITE, ADMIN) == "denied"
    assert _asked(named, WRITE, ROLE) == "denied"


def test_a_reader_of_another_account_is_allowed_here_too_and_no_more_than_to_read() -> None:
    admitted = _admitted(other_accounts=(ELSEWHERE,))
    assert _asked(admitted, READ, ELSEWHERE) == "allowed"
    assert _asked(admitted, WRITE, ELSEWHERE) == "denied"
    assert _asked(admitted, READ, ELSEWHERE.replace("reader", "other")) == "denied"


def test_without_readers_nobody_reads() -> None:
    for caller in (ROLE, ADMIN, BREAK_GLASS):
        assert _asked(_admitted(readers=()), READ, caller) == "denied"


def _roles(count: int, path: str = "strongroom/prod/") -> tuple[str, ...]:
    return tuple(f"arn:aws:iam::{ACCOUNT}:role/{path}prod.team-{number:04}.workload" for number in range(count))


def test_readers_are_listed_while_they_fit_and_then_those_of_the_environment_are_one_pattern() -> None:
    fits = 1
    while PATTERN not in secret_policy(_admitted(readers=(*_roles(fits + 1), BREAK_GLASS))):
        fits += 1
    full = secret_policy(_admitted(readers=(*_roles(fits), BREAK_GLASS)))
    assert LONGEST - 100 < len(full) <= LONGEST
    many = _admitted(readers=(*_roles(fits + 1), BREAK_GLASS))
    assert json.loads(secret_policy(many))["Statement"][0]["Condition"]["ArnNotLike"]["aws:PrincipalArn"] == [
        PATTERN,
        BREAK_GLASS,
    ]
    assert _asked(many, READ, _roles(1)[0]) == "allowed"
    assert _asked(many, READ, BREAK_GLASS) == "allowed"
    for caller in (ADMIN, ROLE.replace("/prod/", "/staging/")):
        assert _asked(many, READ, caller) == "denied"


def test_more_readers_from_elsewhere_than_fit_are_refused_with_the_remedy() -> None:
    with pytest.raises(LimitError, match=r"policy of \d+ characters, and Secrets Manager takes 20480: let those from"):
        secret_policy(_admitted(readers=_roles(400, path="other/")))


def test_all_of_it_is_in_awss_own_table() -> None:
    admitted = _admitted(writers=(ROTATION,), other_accounts=(ELSEWHERE,))
    assert complaints(parse("secret's", secret_policy(admitted))) == []
