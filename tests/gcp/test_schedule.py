"""When a secret is due next: what Secret Manager itself comes to, whenever it is asked."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from strongroom.gcp.rotation.schedule import FORM, next_time

START = datetime(2027, 1, 4, 3, tzinfo=UTC)
periods = st.integers(3600, 3153600000)
passed = st.integers(0, 50 * 365 * 86400)


def _next(period: int, now: datetime) -> datetime:
    return datetime.strptime(next_time(START.strftime(FORM), period, now), FORM).replace(tzinfo=UTC)


def test_before_the_first_time_it_is_the_first_time() -> None:
    assert next_time("2027-01-04T03:00:00Z", 3600, datetime(2026, 11, 24, tzinfo=UTC)) == "2027-01-04T03:00:00Z"


def test_at_the_very_moment_it_is_the_one_after() -> None:
    assert _next(86400, START) == START + timedelta(days=1)


@given(periods, passed)
def test_it_is_the_first_whole_number_of_periods_that_is_still_to_come(period: int, seconds: int) -> None:
    now = START + timedelta(seconds=seconds)
    due = _next(period, now)
    assert due > now
    assert due - now <= timedelta(seconds=period)
    assert (due - START).total_seconds() % period == 0


@given(periods, passed, st.integers(0, 86400))
def test_it_is_what_the_service_has_which_adds_the_period_each_time(period: int, seconds: int, later: int) -> None:
    deployed = START + timedelta(seconds=seconds)
    service = _next(period, deployed)
    looked_at = deployed + timedelta(seconds=later)
    while service <= looked_at:
        service += timedelta(seconds=period)
    assert _next(period, looked_at) == service
