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
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of months. The 29th of February comes after more than 1000 days."""
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
    _check_days(day_of_month, month, day_of_week)
    at = _hours(hours)
    gaps = [(later - earlier - 1) % 24 + 1 for earlier, later in zip(at, [*at[1:], at[0]], strict=True)]
    if min(gaps) * HOUR < LEAST:
        raise refuse(f"{text} rotates more often than every 4 hours", "choose hours that are 4 or more apart")
    return text


def hours_of(expression: str | None) -> list[int]:
    """The hours of a day at which windows begin. At midnight, where an expression names no hour."""
    match = _CRON.fullmatch(expression or "")
    return _hours(match[2]) if match else [0]


def check_window(seconds: int, expression: str | None) -> None:
    """A window in whole hours, which neither reaches into the next UTC day nor into the next window."""
    if seconds % HOUR:
        raise refuse(f"a window of {duration(seconds)} is not possible", "write whole hours, such as 3h")
    rate = _RATE.fullmatch(expression or "")
    if rate and rate[2].startswith("hour") and seconds > int(rate[1]) * HOUR:
        raise refuse(
            f"a window of {seconds // HOUR}h reaches into the next window, which begins after {rate[1]}h",
            f"write at most {rate[1]}h",
        )
    begins = hours_of(expression)
    ends = [*begins[1:], 24]
    for begin, end in zip(begins, ends, strict=True):
        if begin + seconds // HOUR > end:
            what = "the next UTC day" if end == 24 else "the next window"
            raise refuse(
                f"a window of {seconds // HOUR}h that begins at {begin:02}:00 UTC reaches into {what}",
                f"write at most {end - begin}h, or begin earlier",
            )


def _hours(text: str) -> list[int]:
    return sorted(_numbers(text, "hour", 0, 23))


def _check_days(day_of_month: str, month: str, day_of_week: str) -> None:
    months = _numbers(month, "month", 1, 12, _MONTHS)
    if day_of_week != "?":
        # `2L`: the last Monday of a month; `TUE#2`: the second Tuesday.
        _numbers(re.sub(r"(?<=\w)(L|#[1-5])$", "", day_of_week), "day of week", 1, 7, _DAYS)
    elif day_of_month != "L":  # the last day; `15W`: the weekday nearest to the 15th
        days = _numbers(day_of_month.removesuffix("W"), "day of month", 1, 31)
        if min(days) > max(_LENGTHS[number - 1] for number in months):
            raise refuse(
                f"day {day_of_month} comes in none of these months: {month}", "write `L` for a month's last day"
            )


def _numbers(text: str, what: str, least: int, most: int, names: tuple[str, ...] = ()) -> set[int]:
    """The numbers that a field stands for: `*`, `2`, `1,15`, `2-6`, `0/4`, `/4`; months and days also by names."""
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"(?:(\*)|([0-9]{1,2}|[A-Z]{3})(?:-([0-9]{1,2}|[A-Z]{3}))?)?(?:/([0-9]{1,2}))?", part)
        if not match or not part:
            raise refuse(f"{part!r} is no {what}", _FORMS)
        step = int(match[4] or 1)
        first = _number(match[2], names) if match[2] else least
        last = _number(match[3], names) if match[3] else (first if match[2] and not match[4] else most)
        if not least <= first <= last <= most or not step:
            raise refuse(f"{part!r} is no {what}", f"a {what} is {least} to {most}")
        found |= set(range(first, last + 1, step))
    return found


def _number(word: str, names: tuple[str, ...]) -> int:
    """-1 for a name that there is not."""
    return names.index(word) + 1 if word in names else int(word) if word.isdigit() else -1
