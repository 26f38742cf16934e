"""Wildcards of IAM: `*` any number of characters, `?` exactly one. AWS, "IAM JSON policy elements: Resource"."""

import re
from functools import lru_cache
from typing import Final

from strongroom.access.aws.logic import Truth

LITERAL: Final = {"*": "\ue000", "?": "\ue001"}
"""How an expanded `${*}` or `${?}` stands in a pattern: as the character itself. No text of AWS has these."""
_ARN_PARTS: Final = 6


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern fits all of a text, upper and lower case told apart."""
    return _compiled(pattern).fullmatch(text) is not None


def plain(pattern: str) -> str:
    """A pattern as the text that it is where `*` and `?` mean themselves."""
    for character, stand_in in LITERAL.items():
        pattern = pattern.replace(stand_in, character)
    return pattern


def arn_matches(pattern: str, arn: str) -> bool:
    """Whether a pattern fits an ARN, each of its six parts on its own: AWS, "Condition operators", ArnLike."""
    patterns, parts = pattern.split(":", _ARN_PARTS - 1), arn.split(":", _ARN_PARTS - 1)
    if len(patterns) != _ARN_PARTS or len(parts) != _ARN_PARTS:
        return False
    return all(map(matches, patterns, parts))


def resource_matches(pattern: str, resource: str) -> Truth:
    """Whether a pattern of a Resource element fits a resource.

    AWS documents wildcards within the parts of an ARN. One that would have to stand for a colon between them gives no
    answer, as it is not said what AWS does.
    """
    if pattern == "*":
        return True
    if not matches(pattern, resource):
        return False
    return True if pattern == resource or arn_matches(pattern, resource) else None


def action_matches(pattern: str, action: str) -> bool:
    """Whether a pattern fits an action; case does not matter there: AWS, "IAM JSON policy elements: Action"."""
    return matches(pattern.lower(), action.lower())


@lru_cache(maxsize=16384)
def _compiled(pattern: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."} | {stand_in: re.escape(itself) for itself, stand_in in LITERAL.items()}
    # Stars side by side say nothing more than one does, and would take a regular expression exponentially long.
    return re.compile("".join(wild.get(c, re.escape(c)) for c in re.sub(r"\*+", "*", pattern)), re.DOTALL)
