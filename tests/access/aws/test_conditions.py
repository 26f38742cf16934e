"""Condition operators as AWS documents them, and no answer where the request does not say enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.access.aws.conditions import expanded, holds
from strongroom.access.aws.logic import Truth, every, opposite, some
from strongroom.access.aws.patterns import arn_matches, matches, resource_matches
from strongroom.access.aws.request import Caller, Request
from strongroom.access.aws.statement import Condition

ROLE = "arn:aws:iam::111122223333:role/strongroom/prod/prod.shop.web"
SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/shop/stripe-AbCdEf"


def _request(**context: str | tuple[str, ...]) -> Request:
    keys = {key.replace("__", ":"): value for key, value in context.items()}
    return Request(Caller(ROLE), "secretsmanager:GetSecretValue", SECRET, keys)


def _holds(operator: str, *values: str, says: str | tuple[str, ...] | None = None) -> Truth:
    request = _request() if says is None else _request(test__key=says)
    return holds(Condition(operator, "Test:Key", values), request)


@pytest.mark.parametrize(
    ("operator", "value", "says", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEqualsIgnoreCase", "a", "A", False),
        ("StringLike", "a?c*", "abcdef", True),
        ("StringLike", "a?c", "abbc", False),
        ("StringNotLike", "a*", "abc", False),
        ("ArnLike", "arn:aws:iam::*:role/strongroom/*", ROLE, True),
        ("ArnEquals", "arn:aws:iam::*:role/strongroom/*", ROLE, True),
        ("ArnLike", "arn:aws:*:role/strongroom/*", ROLE, False),
        ("ArnNotLike", "arn:aws:iam::*:role/strongroom/*", ROLE, False),
        ("ArnNotEquals", "arn:aws:iam::*:role/other/*", ROLE, True),
        ("Bool", "true", "True", True),
        ("Bool", "true", "false", False),
        ("NumericEquals", "5", "5.0", True),
        ("NumericNotEquals", "5", "5.0", False),
        ("NumericLessThanEquals", "30", "7", True),
        ("NumericGreaterThan", "30", "7", False),
        ("NumericLessThan", "30", "many", None),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-11-24T14:00:00Z", True),
        ("DateLessThan", "1767225600", "2026-11-24T14:00:00Z", False),
        ("DateEquals", "soon", "2026-11-24T14:00:00Z", None),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
        ("NotIpAddress", "10.0.0.0/8", "10.1.2.3", False),
        ("IpAddress", "10.0.0.0/8", "somewhere", None),
        ("IpAddress", "10.1.2.3", "10.1.2.3", True),
        ("Null", "true", "there", False),
        ("Null", "false", "there", True),
        ("StringEqualsIfExists", "a", "b", False),
        ("SomethingNew", "a", "a", None),
    ],
)
def test_one_value_is_compared_as_the_operator_says(operator: str, value: str, says: str, expected: Truth) -> None:
    assert _holds(operator, value, says=says) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringLike", False),
        ("ArnLike", False),
        ("Bool", False),
        ("StringNotEquals", True),
        ("StringNotLike", True),
        ("ArnNotEquals", True),
        ("NotIpAddress", True),
        ("NumericNotEquals", True),
        ("StringEqualsIfExists", True),
        ("BoolIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
    ],
)
def test_a_key_that_the_request_does_not_have_fails_or_holds_by_the_operator_and_one_not_known_does_neither(
    operator: str, expected: bool
) -> None:
    assert _holds(operator, "a", says=()) is expected
    assert _holds(operator, "a") is None


def test_null_asks_whether_the_request_has_a_key() -> None:
    assert _holds("Null", "true", says=()) is True
    assert _holds("Null", "false", says=()) is False
    assert _holds("Null", "true") is None


@pytest.mark.parametrize(
    ("operator", "says", "expected"),
    [
        ("ForAnyValue:StringEquals", ("a", "x"), True),
        ("ForAnyValue:StringEquals", ("x", "y"), False),
        ("ForAllValues:StringEquals", ("a", "b"), True),
        ("ForAllValues:StringEquals", ("a", "x"), False),
        ("ForAllValues:StringNotEquals", ("x", "y"), True),
        ("ForAnyValue:StringNotEquals", ("a", "b"), False),
        ("ForAnyValue:StringNotEquals", ("a", "x"), True),
        ("StringEquals", ("a", "x"), None),
    ],
)
def test_several_values_are_compared_by_all_or_any_of_them(
    operator: str, says: tuple[str, ...], expected: Truth
) -> None:
    assert _holds(operator, "a", "b", says=says) is expected


def test_of_several_values_of_the_policy_one_suffices_and_a_negated_operator_takes_none() -> None:
    assert _holds("StringEquals", "a", "b", says="b") is True
    assert _holds("StringNotEquals", "a", "b", says="b") is False
    assert _holds("StringNotEquals", "a", "b", says="c") is True


def test_keys_are_the_same_in_any_case_and_what_follows_from_the_caller_is_known() -> None:
    request = _request(AWS__SourceVpc="vpc-1")
    assert holds(Condition("StringEquals", "aws:sourcevpc", ("vpc-1",)), request) is True
    assert holds(Condition("ArnEquals", "aws:PrincipalArn", (ROLE,)), request) is True
    assert holds(Condition("StringEquals", "aws:PrincipalAccount", ("111122223333",)), request) is True
    assert holds(Condition("StringEquals", "aws:ResourceAccount", ("111122223333",)), request) is True
    assert holds(Condition("StringEquals", "kms:CallerAccount", ("999988887777",)), request) is False


def test_variables_are_filled_in_and_their_values_are_no_patterns() -> None:
    request = _request(aws__PrincipalTag_team="shop", aws__star="*", aws__many=("a", "b"), aws__none=())
    like = Condition("StringLike", "aws:team", ("${aws:PrincipalTag_team}-*",))
    assert holds(like, _request(aws__PrincipalTag_team="shop", aws__team="shop-web")) is True
    assert holds(Condition("StringLike", "aws:PrincipalTag_team", ("${aws:star}",)), request) is False
    assert holds(Condition("StringEquals", "aws:star", ("${*}",)), request) is True
    assert holds(Condition("StringLike", "aws:PrincipalTag_team", ("${?}hop",)), request) is False
    assert expanded("a-${aws:none, 'else'}", request) == "a-else"
    assert expanded("${$}", request) == "$"
    assert [expanded(text, request) for text in ("${aws:none}", "${aws:many}", "${aws:never-said}")] == [None] * 3
    assert expanded("${aws:never-said}", request, "2008-10-17") == "${aws:never-said}"


def test_wildcards_stand_for_characters_of_one_part_of_an_arn() -> None:
    assert resource_matches("arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/shop/stripe-??????", SECRET)
    assert resource_matches("*", SECRET)
    assert resource_matches("arn:aws:secretsmanager:*:111122223333:secret:prod/*", SECRET) is True
    assert resource_matches("arn:aws:secretsmanager:*:secret:prod/*", SECRET) is None
    assert (
        resource_matches("arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/shop/stripe-?????", SECRET)
        is False
    )
    assert not arn_matches("arn:aws:*", SECRET)


PIECES = st.lists(st.sampled_from(["*", "?", "a", "b", "-", "."]), max_size=8).map("".join)


def _by_hand(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_by_hand(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and _by_hand(pattern[1:], text[1:])


@given(PIECES, st.text("ab-.", max_size=8))
def test_patterns_match_what_their_definition_says(pattern: str, text: str) -> None:
    assert matches(pattern, text) == _by_hand(pattern, text)


TRUTHS = st.lists(st.sampled_from([True, False, None]), max_size=6)


@given(TRUTHS)
def test_an_answer_is_given_only_if_it_is_the_same_whatever_the_unknown_turns_out_to_be(truths: list[Truth]) -> None:
    for combine, plainly in ((some, any), (every, all)):
        possible = {plainly(known) for known in _all_worlds(truths)}
        assert combine(truths) is (possible.pop() if len(possible) == 1 else None)
    assert opposite(None) is None


def _all_worlds(truths: list[Truth]) -> list[list[bool]]:
    worlds: list[list[bool]] = [[]]
    for truth in truths:
        worlds = [[*world, value] for world in worlds for value in ((True, False) if truth is None else (truth,))]
    return worlds
