"""When Secrets Manager rotates: AWS Secrets Manager, "Schedule expressions"."""

import re
from typing import Final

from strongroom.spec.names import duration, refuse

HOUR: Final = 3600
DAY: Final = 86400
LEAST: Final = 4 * HOUR
"""Seconds between two rotations."""
DAYS_MOST: Final = 1000
"""RotationRules, AutomaticallyAfterDays."""
_RATE: Final = re.compile(r"rate\(([1-9][0-9]{0,3}) (hour|hours|day|days)\)")
_CRON: Final = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_DAY_OF_MONTH: Final = re.compile(r"\?|\*|L|[0-9]{1,2}W|[0-9]{1,2}([,/-][0-9]{1,2})*|\*?/[0-9]{1,2}")
_MONTH: Final = re.compile(r"\*|[0-9A-Z]{1,3}([,/-][0-9A-Z]{1,3})*|\*?/[0-9]{1,2}")
_DAY_OF_WEEK: Final = re.compile(r"\?|\*|[1-7A-Z]{1,3}(L|#[1-5])?|[1-7A-Z]{1,3}([,-][1-7A-Z]{1,3})*")
_FORMS: Final = "write rate(10 days), rate(12 hours) or cron(0 2 ? * SUN *)"


def rules(seconds: int) -> tuple[int | None, str | None]:
    """Every so many seconds, as days or as an expression; of both exactly one.

    Raises PydanticCustomError if Secrets Manager cannot do that.
    """
    if seconds % DAY == 0 and DAY <= seconds <= DAYS_MOST * DAY:
        return seconds // DAY, None
    if seconds % HOUR == 0 and LEAST <= seconds <= 999 * HOUR:
        return None, f"rate({seconds // HOUR} hours)"
    raise refuse(
        f"Secrets Manager cannot rotate every {duration(seconds)}", "write 4h to 999h in whole hours, or 1d to 1000d"
    )


def check_expression(text: str) -> str:
    """An expression that Secrets Manager takes."""
    if match := _RATE.fullmatch(text):
        count, unit = int(match[1]), HOUR if match[2].startswith("hour") else DAY
        if count > 999 or count * unit < LEAST:
            raise refuse(f"{text} is not possible", "rotate at most every 4 hours, and at least every 999 days")
        return text
    if not (match := _CRON.fullmatch(text)):
        raise refuse(f"{text!r} is no schedule", _FORMS)
    minutes, hours, day_of_month, month, day_of_week, year = match.groups()
    if minutes != "0" or year != "*":
        raise refuse("minutes are 0 and years * in a schedule of Secrets Manager", _FORMS)
    if (day_of_month == "?") == (day_of_week == "?"):
        raise refuse("exactly one of day of month and day of week is `?`", _FORMS)
    for name, form, given in (
        ("day of month", _DAY_OF_MONTH, day_of_month),
        ("month", _MONTH, month),
        ("day of week", _DAY_OF_WEEK, day_of_week),
    ):
        if not form.fullmatch(given):
            raise refuse(f"{given!r} is no {name}", _FORMS)
    at = _hours(hours)
    gaps = [(later - earlier - 1) % 24 + 1 for earlier, later in zip(at, [*at[1:], at[0]], strict=True)]
    if min(gaps) * HOUR < LEAST:
        raise refuse(f"{text} rotates more often than every 4 hours", "choose hours that are 4 or more apart")
    return text


def hours_of(expression: str | None) -> list[int]:
    """The hours of a day at which windows begin. At midnight, where an expression names no hour."""
    match = _CRON.fullmatch(expression or "")
    return _hours(match[2]) if match else [0]


def check_window(seconds: int, begins: list[int]) -> None:
    """A window in whole hours, which neither reaches into the next UTC day nor into the next window."""
    if seconds % HOUR:
        raise refuse(f"a window of {duration(seconds)} is not possible", "write whole hours, such as 3h")
    ends = [*begins[1:], 24]
    for begin, end in zip(begins, ends, strict=True):
        if begin + seconds // HOUR > end:
            what = "the next UTC day" if end == 24 else "the next window"
            raise refuse(
                f"a window of {seconds // HOUR}h that begins at {begin:02}:00 UTC reaches into {what}",
                f"write at most {end - begin}h, or begin earlier",
            )


def _hours(text: str) -> list[int]:
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"(?:(\*)|([0-9]{1,2})(?:-([0-9]{1,2}))?)?(?:/([0-9]{1,2}))?", part)
        if not match or not part:
            raise refuse(f"{part!r} is no hour", _FORMS)
        step = int(match[4] or 1)
        first = int(match[2] or 0)
        last = int(match[3]) if match[3] else (first if match[2] and not match[4] else 23)
        if not 0 <= first <= last <= 23 or not step:
            raise refuse(f"{part!r} is no hour", "hours are 0 to 23")
        found |= set(range(first, last + 1, step))
    return sorted(found)
