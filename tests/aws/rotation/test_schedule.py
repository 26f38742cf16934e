"""When Secrets Manager rotates, and when it cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from strongroom.aws.rotation.schedule import DAY, HOUR, check_expression, hours_of, rules
from strongroom.aws.rotation.spec import AwsManaged


@pytest.mark.parametrize(
    ("seconds", "days", "expression"),
    [
        (DAY, 1, None),
        (30 * DAY, 30, None),
        (1000 * DAY, 1000, None),
        (4 * HOUR, None, "rate(4 hours)"),
        (36 * HOUR, None, "rate(36 hours)"),
    ],
)
def test_days_are_days_and_other_hours_a_rate(seconds: int, days: int | None, expression: str | None) -> None:
    assert rules(seconds) == (days, expression)


@pytest.mark.parametrize("seconds", [0, 60, HOUR, 3 * HOUR, 4 * HOUR + 60, 1001 * DAY])
def test_what_secrets_manager_cannot_do_is_refused(seconds: int) -> None:
    with pytest.raises(PydanticCustomError, match="Secrets Manager cannot rotate every"):
        rules(seconds)


@pytest.mark.parametrize(
    "text",
    [
        "rate(4 hours)",
        "rate(1 day)",
        "rate(999 days)",
        "cron(0 2 ? * SUN *)",
        "cron(0 8 1 * ? *)",
        "cron(0 /4 * * ? *)",
        "cron(0 0/6 ? * MON-FRI *)",
        "cron(0 9 L * ? *)",
        "cron(0 9 15W * ? *)",
        "cron(0 16 ? 1/3 TUE#2 *)",
        "cron(0 9 ? JAN,JUL 2L *)",
        "cron(0 1,13 1,15 * ? *)",
        "cron(0 2 31 * ? *)",
        "cron(0 2 29-31 FEB-MAR ? *)",
    ],
)
def test_expressions_of_the_vendors_page_are_taken(text: str) -> None:
    assert check_expression(text) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is no schedule"),
        ("rate(0 days)", "is no schedule"),
        ("rate(3 hours)", "is not possible"),
        ("rate(1000 days)", "is not possible"),
        ("rate(10 minutes)", "is no schedule"),
        ("cron(0 2 * * SUN)", "is no schedule"),
        ("cron(15 2 ? * SUN *)", "minutes are 0"),
        ("cron(0 2 ? * SUN 2027)", "years"),
        ("cron(0 2 ? * ? *)", "exactly one of day of month and day of week"),
        ("cron(0 2 * * SUN *)", "exactly one of day of month and day of week"),
        ("cron(0 * ? * SUN *)", "more often than every 4 hours"),
        ("cron(0 2,5 ? * SUN *)", "more often than every 4 hours"),
        ("cron(0 1,23 ? * SUN *)", "more often than every 4 hours"),
        ("cron(0 24 ? * SUN *)", "is no hour"),
        ("cron(0 5-2 ? * SUN *)", "is no hour"),
        ("cron(0 /0 ? * SUN *)", "is no hour"),
        ("cron(0 2, ? * SUN *)", "is no hour"),
        ("cron(0 2 32nd * ? *)", "is no day of month"),
        ("cron(0 2 1 $ ? *)", "is no month"),
        ("cron(0 2 ? * SUN#9 *)", "is no day of week"),
        ("cron(0 2 0 * ? *)", "is no day of month"),
        ("cron(0 2 32 * ? *)", "is no day of month"),
        ("cron(0 2 40W * ? *)", "is no day of month"),
        ("cron(0 2 1 13 ? *)", "is no month"),
        ("cron(0 2 1 JUNE ? *)", "is no month"),
        ("cron(0 2 ? * 8 *)", "is no day of week"),
        ("cron(0 2 ? * ABC *)", "is no day of week"),
        ("cron(0 2 31 2 ? *)", "comes in none of these months"),
        ("cron(0 2 29 FEB ? *)", "comes in none of these months"),
        ("cron(0 2 31 APR,6 ? *)", "comes in none of these months"),
    ],
)
def test_others_are_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(PydanticCustomError, match=why):
        check_expression(text)


@given(st.sets(st.integers(0, 23), min_size=1, max_size=8))
def test_hours_are_taken_exactly_if_none_is_less_than_four_after_another(hours: set[int]) -> None:
    text = f"cron(0 {','.join(map(str, sorted(hours)))} ? * SUN *)"
    apart = all((b - a) % 24 in (0, *range(4, 24)) and (a == b or (b - a) % 24 >= 4) for a in hours for b in hours)
    if apart:
        assert hours_of(check_expression(text)) == sorted(hours)
    else:
        with pytest.raises(PydanticCustomError):
            check_expression(text)


@pytest.mark.parametrize(
    ("expression", "window"),
    [
        (None, "24h"),
        (None, "1h"),
        ("cron(0 2 ? * SUN *)", "22h"),
        ("cron(0 0/6 ? * SUN *)", "6h"),
        ("rate(10 days)", "3h"),
        ("rate(12 hours)", "12h"),
    ],
)
def test_a_window_may_last_to_the_end_of_the_utc_day_or_to_the_next_one(expression: str | None, window: str) -> None:
    AwsManaged.model_validate({"schedule_expression": expression, "window": window})


@pytest.mark.parametrize(
    ("expression", "window", "why"),
    [
        (None, "25h", "reaches into the next UTC day"),
        ("cron(0 2 ? * SUN *)", "23h", "begins at 02:00 UTC reaches into the next UTC day"),
        ("cron(0 0/6 ? * SUN *)", "7h", "begins at 00:00 UTC reaches into the next window"),
        (None, "90m", "a window of 90m is not possible"),
        ("rate(4 hours)", "5h", "a window of 5h reaches into the next window, which begins after 4h"),
    ],
)
def test_a_window_that_reaches_further_is_refused(expression: str | None, window: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        AwsManaged.model_validate({"schedule_expression": expression, "window": window})
