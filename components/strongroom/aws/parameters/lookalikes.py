"""What looks like a secret: a net for accidents, not a proof. Nothing here repeats what it looked at."""

import math
import re
from collections import Counter
from typing import Final

_NAMES: Final = re.compile(
    r"(?<![a-z])(passwords?|passwd|passphrase|secrets?|credentials?|tokens?|api[._-]?keys?|private[._-]?keys?|"
    r"access[._-]?keys?|client[._-]?secrets?)(?![a-z])"
)
_SHAPES: Final = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"), "a private key"),
    (re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"), "an access key of AWS"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\."), "a JSON Web Token"),
    (
        re.compile(r"\b(gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk_live_|rk_live_|hv[sb]\.)[A-Za-z0-9_-]{16,}"),
        "a token",
    ),
    (
        re.compile(r"(?<![\w+/=])(?=[a-z0-9+/]*[A-Z])(?=[A-Z0-9+/]*[a-z])(?=\D*\d)[\w+/]{40}(?![\w+/=])"),
        "a secret key of AWS",
    ),
    (re.compile(r"://[^/\s:@]+:[^/\s@]+@"), "an address with a password"),
)
"""What vendors' own formats look like."""
_IDS: Final = re.compile(
    r"\b[a-z]{1,10}-[0-9a-f]{8}(?:[0-9a-f]{9})?\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE
)
"""Ids of things in AWS (`ami-0abcdef1234567890`), and UUIDs, which look random and name something."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/=_-]{20,}")
_BITS: Final = 3.5
"""Bits for each character: English words with hyphens have 3 to 4, random letters and digits more than 4; long ones of
hexadecimal digits have 3.5 to 4. Words are told apart by having no digits between their letters."""
_WORDS: Final = re.compile(r"[A-Za-z]*[0-9]*")


def name_of_a_secret(name: str) -> str | None:
    """The part of a name that says that it is a secret; None if there is none."""
    separated = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name).lower()
    found = _NAMES.search(separated)
    return found[0] if found else None


def looks_like_a_secret(value: str) -> str | None:
    """What a value looks like, in words; None if it looks harmless."""
    for shape, what in _SHAPES:
        if shape.search(value):
            return what
    return "a random token" if any(map(_is_random, _TOKEN.findall(_IDS.sub("", value)))) else None


def _is_random(text: str) -> bool:
    """Letters and digits in no order. Names, paths and ARNs are words, some with a number behind them."""
    mixed = [part for part in re.split(r"[/_=-]", text) if not _WORDS.fullmatch(part)]
    return sum(map(len, mixed)) >= 16 and _entropy("".join(mixed)) >= _BITS


def _entropy(text: str) -> float:
    """Bits for each character, by how often each occurs."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)
