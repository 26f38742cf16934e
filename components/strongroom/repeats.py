"""Whether what a server says has a part of a value in it."""

from collections.abc import Iterable
from typing import Final

ENOUGH: Final = 8
"""Characters of a value that nobody may see."""


def repeats(said: str, values: Iterable[str]) -> bool:
    """Whether a text has a part of one of these in it. Only letters and digits are compared: servers repeat what they
    were sent, which may have escapes, and may have cut it or wrapped its lines."""
    letters = _letters(said)
    parts = {letters[start : start + ENOUGH] for start in range(len(letters) - ENOUGH + 1)}
    for value in filter(None, values):
        own = _letters(value)
        if (len(own) < ENOUGH and value in said) or any(part in own for part in parts):
            return True
    return False


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
