"""When a secret is due next. Secret Manager needs a time in the future, and moves it on by itself. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Final

FORM: Final = "%Y-%m-%dT%H:%M:%SZ"


def next_time(starts_at: str, period_seconds: int, now: datetime) -> str:
    """`starts_at`; once that has passed, the first time after `now` that is a whole number of periods from it.

    This is exactly what Secret Manager itself has come to, as it adds the period each time: "Create rotation schedules
    in Secret Manager". So a deployment changes nothing, and needs to ignore nothing.
    """
    start = datetime.strptime(starts_at, FORM).replace(tzinfo=UTC)
    if now < start:
        return starts_at
    period = timedelta(seconds=period_seconds)
    return (start + ((now - start) // period + 1) * period).strftime(FORM)
