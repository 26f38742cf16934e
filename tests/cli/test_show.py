"""How ages look."""

from datetime import timedelta

import pytest

from strongroom.cli.show import duration_of


@pytest.mark.parametrize(
    ("age", "shown"),
    [
        (timedelta(0), "0s"),
        (timedelta(seconds=-5), "0s"),
        (timedelta(seconds=59.9), "59s"),
        (timedelta(seconds=60), "1m"),
        (timedelta(minutes=119), "1h"),
        (timedelta(hours=47), "1d"),
        (timedelta(days=400), "400d"),
    ],
)
def test_an_age_is_shown_in_its_largest_whole_unit(age: timedelta, shown: str) -> None:
    assert duration_of(age) == shown
