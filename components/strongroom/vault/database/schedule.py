"""Schedules as cron has them: minute, hour, day of month, month, day of week."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator

from strongroom.spec.names import refuse

_FIELDS: Final = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")),
    ("day of week", 0, 6, ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")),
)


def _number(text: str, least: int, names: tuple[str, ...]) -> int:
    """A number or a name. Raises ValueError."""
    return names.index(text.upper()) + least if text.upper() in names else int(text)


def _check_field(text: str, what: str, least: int, most: int, names: tuple[str, ...]) -> None:
    for part in text.split(","):
        match = re.fullmatch(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/([0-9]+))?", part)
        try:
            numbers = [_number(found, least, names) for found in match.groups()[1:3] if found] if match else None
        except ValueError:
            numbers = None
        if numbers is None or not match or match[4] == "0":
            raise refuse(
                f"'{part}' is no {what} of a schedule", f"write *, a number from {least} to {most}, or a range"
            )
        if numbers != sorted(numbers) or any(not least <= number <= most for number in numbers):
            raise refuse(f"'{part}' is no {what}: it goes from {least} to {most}", "write a number or a range in there")


def _check(text: str) -> str:
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise refuse(
            f"a schedule has five fields, and this one has {len(fields)}",
            "minute, hour, day of month, month, day of week: `0 3 * * SAT` is Saturdays at 03:00 UTC",
        )
    for field, (what, least, most, names) in zip(fields, _FIELDS, strict=True):
        _check_field(field, what, least, most, names)
    return " ".join(fields)


CronSchedule = Annotated[str, AfterValidator(_check)]
"""Five fields, in UTC."""
