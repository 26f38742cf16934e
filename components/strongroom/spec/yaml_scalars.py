"""Which value an unquoted word is: YAML 1.2.2, "10.3 Core Schema", but leading zeros make it text."""

import re
from collections.abc import Callable
from typing import Final

from strongroom.spec.yaml_nodes import Scalar

FORBIDDEN: Final = re.compile(
    # Control characters, and what makes text read differently from what it is: line separators that editors
    # do not count, direction overrides (Unicode TR 36, "Bidirectional Text Spoofing"), inner byte order marks.
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""What no value may hold, not even as an escape in double quotes."""

NUMBER_CHARACTERS_MAX: Final = 100
"""Far more than any number needs, and far from where converting digits gets slow or is refused by Python."""

_WORDS: Final[dict[str, bool | None]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_NUMBERS: Final[tuple[tuple[re.Pattern[str], Callable[[str], int | float]], ...]] = (
    # A leading zero keeps `012` and `012.5` text: account and phone numbers must not lose it.
    (re.compile(r"[-+]?(0|[1-9][0-9]*)"), int),
    (re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"0o[0-7]+"), lambda word: int(word[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda word: int(word[2:], 16)),
    (re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"), lambda word: float(word.replace(".", ""))),
)


def resolve(word: str) -> Scalar:
    """The value of an unquoted word. Raises ValueError for a number of more than 100 characters."""
    if word in _WORDS:
        return _WORDS[word]
    if word[0] not in "+-.0123456789":  # most words, at the price of one look
        return word
    number = next((read for pattern, read in _NUMBERS if pattern.fullmatch(word)), None)
    if number is None:
        return word
    if len(word) > NUMBER_CHARACTERS_MAX:
        raise ValueError(f"a number of {len(word)} characters")
    return number(word)
