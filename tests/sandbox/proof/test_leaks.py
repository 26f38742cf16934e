"""The search for leaks is what other tests and `make up` rely on, so it must find what is there."""

import base64
import json
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom_sandbox.proof.leaks import encodings, find

VALUE = 'pä"ss/w+rd\\n&1 2'


def url(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def twice(text: str) -> str:
    return json.dumps(json.dumps({"password": text}))


@pytest.mark.parametrize(
    "written",
    [
        str,
        json.dumps,
        lambda text: json.dumps(text, ensure_ascii=False),
        twice,
        lambda text: json.dumps(text, ensure_ascii=False).replace("&", "\\u0026"),
        url,
        urllib.parse.quote_plus,
        lambda text: text.encode().hex(),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
        lambda text: base64.b64encode(f"user:{text}:more".encode()).decode(),
    ],
)
def test_a_value_is_found_however_it_is_written(tmp_path: Path, written: Callable[[str], str]) -> None:
    file = tmp_path / "state.json"
    file.write_text(f"before {written(VALUE)} after", encoding="utf-8")
    assert {leak.value for leak in find({"canary": VALUE}, [tmp_path])} == {"canary"}


@given(st.binary(max_size=7), st.text(min_size=8, max_size=40), st.binary(max_size=7))
def test_base64_of_a_text_around_the_value_is_found_at_any_offset(before: bytes, value: str, after: bytes) -> None:
    encoded = base64.b64encode(before + value.encode() + after)
    forms = [form for name, form in encodings(value).items() if name.startswith("base64 ")]
    assert any(form in encoded for form in forms)


def test_a_leak_says_where_it_is_and_not_what(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text(VALUE, encoding="utf-8")
    (leak,) = find({"the token": VALUE}, [file])
    assert str(leak) == f"the token (plain) in {file}"
    assert VALUE not in repr(leak)


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("all is well", encoding="utf-8")
    assert find({"canary": VALUE}, [tmp_path]) == []


def test_values_too_short_to_be_told_from_chance_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("admin", encoding="utf-8")
    assert find({"user": "admin"}, [tmp_path]) == []
