"""What looks different on the server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom_sandbox.providers.frame.inputs import Shape
from strongroom_sandbox.providers.vault.conversions import (
    HOSTS_AS_NETWORKS,
    LIST_AS_COMMAS,
    SECONDS_AS_DURATION,
    duration,
    fitted,
    same_json,
    same_networks,
    seconds,
    snake,
)


@pytest.mark.parametrize(
    ("name", "key"),
    [("boundAudiences", "bound_audiences"), ("path", "path"), ("tokenNoDefaultPolicy", "token_no_default_policy")],
)
def test_names_are_snake_case_on_the_server(name: str, key: str) -> None:
    assert snake(name) == key


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0s"), (3600, "1h"), (5400, "1h30m"), (2764800, "768h"), (61, "1m1s")]
)
def test_durations_are_written_as_the_official_provider_does(number: int, text: str) -> None:
    assert duration(number) == text


@given(st.integers(min_value=0, max_value=10**9))
def test_a_duration_says_the_same_as_its_seconds(number: int) -> None:
    assert seconds(duration(number)) == number
    assert SECONDS_AS_DURATION.from_server(SECONDS_AS_DURATION.to_server(number)) == number


def test_a_list_without_items_is_an_empty_text_and_back() -> None:
    assert LIST_AS_COMMAS.to_server([]) == ""
    assert LIST_AS_COMMAS.from_server("") == []
    assert LIST_AS_COMMAS.from_server("a,b") == ["a", "b"]


def test_the_network_of_one_host_is_the_same_with_and_without_its_mask() -> None:
    assert HOSTS_AS_NETWORKS.from_server(["127.0.0.1", "::1", "10.0.0.0/8"]) == [
        "127.0.0.1/32",
        "::1/128",
        "10.0.0.0/8",
    ]
    assert same_networks(["127.0.0.1"], ["127.0.0.1/32"])
    assert not same_networks(["127.0.0.1"], ["127.0.0.0/24"])


def test_json_is_the_same_whatever_its_spaces_and_order() -> None:
    assert same_json('{"a":1,"b":[2]}', '{ "b": [2], "a": 1 }')
    assert not same_json('{"a":1}', '{"a":"1"}')
    assert not same_json(None, "{}")


@pytest.mark.parametrize(
    ("value", "shape", "expected"),
    [
        (172800, Shape("string"), "172800"),
        (True, Shape("string"), "true"),
        ("90", Shape("integer"), 90),
        ("1m30s", Shape("integer"), 90),
        (None, Shape("list", item=Shape("string")), []),
        (None, Shape("map", item=Shape("string")), {}),
        (None, Shape("string"), None),
        ([1, 2], Shape("list", item=Shape("string")), ["1", "2"]),
        ({"version": 2}, Shape("map", item=Shape("string")), {"version": "2"}),
    ],
)
def test_values_come_in_the_type_that_pulumi_declares(value: object, shape: Shape, expected: object) -> None:
    assert fitted(value, shape) == expected
