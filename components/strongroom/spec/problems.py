"""What is wrong with a file, said so that it can be put right: file, line, column, path, message, remedy.

The texts made here never hold a secret. Declarations hold none by design, but people paste them by mistake:
a value is shown only if neither its key nor its shape suggests that it is one.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

Loc = tuple[str | int, ...]
"""Where a value is: map keys and list positions, from the outermost inwards."""

SHOWN_MAX: Final = 60
"""Characters of a value or key that an error repeats, counted after escaping."""

NOT_SHOWN: Final = "(not shown)"

_SECRET_WORDS: Final = re.compile(
    "auth|bearer|cookie|credentials?|dsn|hmac|jwt|keys?|material|passphrase|passwd|passwords?|pem|pin|private|pwd|"
    "salt|secrets?|seed|session|signature|tokens?|unseal|values?"
)
# In our files these name a secret or a key and never hold one.
_REFERENCE_KEYS: Final = frozenset({"secret", "secrets", "kubernetes_secret", "kms_key"})
_SECRET_SHAPES: Final = re.compile(
    r"-----BEGIN|://[^/\s]*:[^/\s]*@|^(hv[sbr]\.|s\.[A-Za-z0-9]{20}|sk_|rk_|whsec_|gh[opsur]_|github_pat_|glpat-|xox[a-z]-|eyJ|AKIA|ASIA|AIza)"
)

# Where a word turns from one class of characters to another: rare in names, frequent in what is random.
_TURN: Final = re.compile(r"(?<=[a-z])[A-Z]|(?<=[A-Za-z])[0-9]|(?<=[0-9])[A-Za-z]|[!#$%&*+;<>?@^`|~\\]")


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One thing to put right. Problems sort by file, line and column."""

    file: str
    """Relative to the project root, with forward slashes."""
    line: int
    """1-based; 0 is the whole file."""
    column: int
    """1-based, in characters; 0 is the whole file."""
    where: str
    """The path in the YAML, such as `workloads.checkout.runs_as`; empty where there is none."""
    message: str
    """What is wrong, in one sentence without its full stop."""
    remedy: str = ""
    """What to do about it."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        text = f"{self.message}; {self.remedy}" if self.remedy else self.message
        return f"{place}: {self.where}: {text}" if self.where else f"{place}: {text}"


class SpecError(Exception):
    """Files that cannot be used. `problems` holds all that is wrong with them, sorted, each once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def dotted(loc: Loc) -> str:
    """`("grants", 0, "can")` as `grants[0].can`. A key that is not plain is quoted and escaped: `x.'a.b'`.

    A path of more than 200 characters is cut in its middle.
    """
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            plain = re.fullmatch(r"[A-Za-z0-9_-]{1,60}", part) and not looks_secret(part)
            text += f".{part if plain else shown(part)}"
    text = text.removeprefix(".")
    return text if len(text) <= 200 else f"{text[:100]}...{text[-97:]}"


def shown(value: object, key: str | int = "") -> str:
    """A value as an error may repeat it: escaped to printable ASCII, shortened, or `(not shown)`.

    `key` is the key the value stands under; keys like `password` or `client_secret` never have theirs shown.
    Escaping makes line breaks, NUL and letters that look like others visible.
    """
    if isinstance(value, str):
        if _names_secret(key) or looks_secret(value):
            return NOT_SHOWN
        text = ascii(value)
        # Cut before the closing quote, and not within an escape.
        return text if len(text) <= SHOWN_MAX else re.sub(r"\\\w{0,9}$", "", text[: SHOWN_MAX - 4]) + "..." + text[-1]
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return NOT_SHOWN if _names_secret(key) else str(value)[:SHOWN_MAX]
    return kind(value)


def kind(value: object) -> str:
    """The type of a YAML value in plain words, such as `a whole number`."""
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "true or false"),
        (int, "a whole number"),
        (float, "a number"),
        (str, "text"),
        (dict, "a map"),
        ((list, tuple), "a list"),
    )
    return next((name for types, name in names if isinstance(value, types)), "nothing")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, or None if none is near."""
    by_folded = {name.casefold().replace("-", "_"): name for name in sorted(known)}
    found = difflib.get_close_matches(word[:100].casefold().replace("-", "_"), by_folded, n=1, cutoff=0.7)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A remedy that names the nearest known word; else `otherwise`."""
    found = nearest(word, known)
    return f"did you mean '{found}'?" if found else otherwise


def looks_secret(text: str) -> bool:
    """Whether a text has the shape of a token, a key or a password in an address, or mixes letters like one.

    Catches what machines generate, with digits or both cases; no rule can tell a passphrase from a name.
    """
    return bool(_SECRET_SHAPES.search(text)) or any(
        len(_TURN.findall(word)) >= 0.15 * len(word) for word in text.split() if len(word) >= 16
    )


def _names_secret(key: str | int) -> bool:
    name = str(key)
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)
    return name not in _REFERENCE_KEYS and any(_SECRET_WORDS.fullmatch(word.lower()) for word in words)
