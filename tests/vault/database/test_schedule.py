"""Schedules of static roles: five fields of cron, checked before a server sees them."""

import pytest
from pydantic import TypeAdapter, ValidationError

from strongroom.vault.database.schedule import CronSchedule
from strongroom.vault.database.spec import DatabaseStaticRole

SCHEDULE = TypeAdapter(CronSchedule)


@pytest.mark.parametrize(
    "text", ["0 3 * * SAT", "*/15 * * * *", "0 0 1,15 * *", "30 2 * jan-mar 1-5", "0 0-6/2 * 12 sun", " 0  3 * * 6 "]
)
def test_a_schedule_of_cron_is_taken(text: str) -> None:
    assert SCHEDULE.validate_python(text) == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 3 * *", "five fields, and this one has 4"),
        ("@daily", "five fields"),
        ("60 3 * * *", "'60' is no minute"),
        ("0 24 * * *", "'24' is no hour"),
        ("0 3 0 * *", "'0' is no day of month"),
        ("0 3 * 13 *", "'13' is no month"),
        ("0 3 * * 7", "'7' is no day of week"),
        ("0 3 * * FRI-MON", "'FRI-MON' is no day of week"),
        ("0 3 * * SUNDAY", "'SUNDAY' is no day of week"),
        ("*/0 3 * * *", "'\\*/0' is no minute"),
        ("0 3 * * 1;2", "'1;2' is no day of week"),
    ],
)
def test_any_other_is_refused_with_the_field_that_is_wrong(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SCHEDULE.validate_python(text)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "exactly one of rotation_period and rotation_schedule"),
        ({"rotation_period": "1h", "rotation_schedule": "0 3 * * *"}, "exactly one"),
        ({"rotation_period": "4s"}, "shorter than 5s"),
        ({"rotation_period": "1h", "rotation_window": "1h"}, "no meaning without rotation_schedule"),
        ({"rotation_schedule": "0 3 * * *", "rotation_window": "59m"}, "shorter than 1h"),
        ({"rotation_period": "1h", "username": "it's"}, "username"),
    ],
)
def test_a_static_role_has_one_way_to_rotate_and_one_that_the_servers_take(keys: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        DatabaseStaticRole.model_validate({"connection": "orders", "username": "app", **keys})
