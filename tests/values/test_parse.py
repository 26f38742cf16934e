"""Values from standard input: byte for byte, and never in an error."""

import json
import traceback
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.errors import WrongInputError
from strongroom.values.parse import one, several

CANARY = "canary-51e0"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\nvg==\n-----END PRIVATE KEY-----\n"


@given(st.text())
def test_exactly_is_exactly(text: str) -> None:
    assert one(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode(), exact=True) == text.encode(
        "utf-8", "surrogatepass"
    ).decode("utf-8", "replace")


@given(st.text().filter(lambda text: not text.endswith(("\n", "\r"))), st.sampled_from(["", "\n", "\r\n"]))
def test_one_final_line_break_is_not_part_of_the_value(text: str, end: str) -> None:
    data = (text + end).encode("utf-8", "replace")
    assert one(data) == data.decode().removesuffix(end)


def test_only_one_line_break_is_dropped_and_none_within() -> None:
    assert one(b"a\r\nb\n\n\n") == "a\r\nb\n\n"
    assert one(b" a \t") == " a \t"


def test_a_private_key_keeps_its_lines_and_with_exact_also_its_end() -> None:
    assert one(KEY.encode()) == KEY.removesuffix("\n")
    assert one(KEY.encode(), exact=True) == KEY


def test_several_are_an_object_of_texts() -> None:
    assert several(json.dumps({"a": KEY, "b": "ä\u0000\U0001f511"}).encode(), ["a", "b"]) == {
        "a": KEY,
        "b": "ä\u0000\U0001f511",
    }


@pytest.mark.parametrize(
    "data",
    [
        "",
        CANARY,
        f'"{CANARY}"',
        f'["{CANARY}"]',
        f'{{"a": "{CANARY}", "b": 1}}',
        f'{{"a": {{"c": "{CANARY}"}}}}',
        f'{{"a": "{CANARY}", "a": "other"}}',
        f'{{"a": "{CANARY}"',
        f'{{"a": null, "{CANARY}": "x"}}',
        "[" * 100_000,
    ],
)
def test_anything_else_is_refused_with_the_fields_that_are_expected(data: str) -> None:
    with pytest.raises(WrongInputError, match="expected fields: a, b") as caught:
        several(data.encode(), ["a", "b"])
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("read", [one, lambda data: several(data, ["a"])])
def test_what_is_not_utf_8_is_refused_and_not_repeated(read: Callable[[bytes], object]) -> None:
    with pytest.raises(WrongInputError, match="not UTF-8; encode what is binary in base64") as caught:
        read(b"\xff" + CANARY.encode())
    assert caught.value.__context__ is None
