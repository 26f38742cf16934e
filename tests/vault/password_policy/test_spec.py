"""Password policies: what people may write, and the text that the server gets."""

from typing import Any

import hcl2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from strongroom.vault.password_policy.plan import text_of
from strongroom.vault.password_policy.spec import PasswordPolicy


def _policy(**keys: Any) -> PasswordPolicy:
    return PasswordPolicy.model_validate(keys)


def test_the_default_is_long_and_of_letters_and_digits() -> None:
    assert text_of(_policy()) == (
        "length = 32\n"
        'rule "charset" {\n  charset = "abcdefghijklmnopqrstuvwxyz"\n  min-chars = 1\n}\n'
        'rule "charset" {\n  charset = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"\n  min-chars = 1\n}\n'
        'rule "charset" {\n  charset = "0123456789"\n  min-chars = 1\n}\n'
    )


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"length": 15}, "length"),
        ({"length": 129}, "length"),
        ({"rules": []}, "rules"),
        ({"rules": [{}]}, "exactly one of charset and characters"),
        ({"rules": [{"charset": "digits", "characters": "ab"}]}, "exactly one"),
        ({"rules": [{"characters": "aa"}]}, "named twice"),
        ({"rules": [{"characters": "a'"}]}, "characters of a password have"),
        ({"rules": [{"characters": "a\\"}]}, "have '"),
        ({"rules": [{"characters": "é"}]}, "LATIN SMALL LETTER E WITH ACUTE"),
        ({"length": 20, "rules": [{"charset": "digits"}]}, "of 66 bits, which can be guessed"),
        ({"length": 32, "rules": [{"characters": "a"}]}, "of 0 bits"),
        ({"length": 16, "rules": [{"charset": "lowercase", "min_chars": 9}, {"charset": "digits", "min_chars": 8}]},
         "want 17 characters, and a password has 16"),
    ],
)  # fmt: skip
def test_a_policy_that_is_weak_or_cannot_be_met_is_refused(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        _policy(**keys)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12) | st.text("-_.~!*+=^,ab", min_size=1, max_size=9))
def test_characters_are_refused_or_stand_in_the_text_as_they_are(characters: str) -> None:
    try:
        policy = _policy(length=64, rules=[{"characters": characters}, {"charset": "lowercase", "min_chars": 0}])
    except ValidationError:
        return
    parsed = hcl2.loads(text_of(policy))
    assert parsed["length"] == 64
    assert characters in text_of(policy)
    assert len(parsed["rule"]) == 2
