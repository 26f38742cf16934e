"""Templates of names: different each time, and never longer than AWS takes."""

import pytest
from pydantic import TypeAdapter, ValidationError

from strongroom.vault.aws.username_template import TEMPLATES, UsernameTemplate

TEMPLATE: TypeAdapter[str] = TypeAdapter(UsernameTemplate)


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("{{random 20}}", 20),
        ("vault-{{random 20}}", 26),
        ("{{.PolicyName | truncate 30}}-{{random 20}}", 51),
        ("{{.DisplayName | truncate 8 | lowercase}}.{{unix_time}}.{{random 20 | truncate 12}}", 32),
        ("{{uuid}}", 36),
        ("{{ unix_time_millis }}-{{ random 10 }}", 24),
    ],
)
def test_the_longest_name_is_known_from_the_text(text: str, most: int) -> None:
    assert TEMPLATE.validate_python(text) == text
    assert TEMPLATES.longest(text) == most


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("vault", "makes the same name twice"),
        ("{{unix_time}}", "makes the same name twice"),
        ("{{random 9}}", "makes the same name twice"),
        ("{{random 20 | truncate 4}}", "makes the same name twice"),
        ("{{.PolicyName}}-{{random 20}}", r"has \.PolicyName at full length, which has no limit"),
        ("{{.PolicyName | truncate 60}}-{{random 20}}", "names of up to 81 characters, and AWS takes 64"),
        ("a b-{{random 20}}", "a character that AWS does not take"),
        ("{{random 20}}{{", "a character that AWS does not take"),
        ("{{.Type}}-{{random 20}}", "which is no part of a name"),
        ("{{random 20 | sha256}}", r"passes a part through .sha256"),
        ("{{random 20}}{{printf `x`}}", "which is no part of a name"),
    ],
)
def test_names_that_are_the_same_too_long_or_unreadable_are_refused(text: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        TEMPLATE.validate_python(text)
