"""No secret in an error's text, in whatever spelling."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom_sandbox.providers.frame.errors import REDACTED, redact

SECRET = 'p"ss w/ö\\rd\n'


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(json.dumps(SECRET)),
        quote(SECRET),
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
    ],
)
def test_every_spelling_of_a_secret_is_replaced(spelling: str) -> None:
    text = redact(f"invalid value: {spelling}.", [SECRET])
    assert REDACTED in text
    assert "ss w" not in text
    assert spelling.strip('"\\') not in text


def test_a_secret_that_holds_another_one_leaves_no_rest() -> None:
    assert redact("got abcdef", ["abc", "abcdef"]) == f"got {REDACTED}"


def test_an_empty_secret_changes_nothing() -> None:
    assert redact("some text", ["", ""]) == "some text"


@given(st.text(min_size=4), st.text(), st.text())
def test_whatever_surrounds_it_a_secret_does_not_stay(secret: str, before: str, after: str) -> None:
    assert secret not in redact(before + secret + after, [secret]).replace(REDACTED, "")
