"""The words of the two languages of ACL policies, HCL 1 and JSON, each with its line and column."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

LENGTH_MAX: Final = 64 * 1024
NUMBER_CHARACTERS_MAX: Final = 30


class At(NamedTuple):
    """A place in the text, 1-based; columns count characters."""

    line: int
    column: int


@dataclass(frozen=True)
class Flaw:
    """Something wrong with a policy's text."""

    at: At
    message: str
    remedy: str = ""
    syntax: bool = True
    """Whether the servers refuse it too. False: they take it, and it does not do what it seems to."""


class UnreadableError(Exception):
    """The text cannot be read further than to a flaw."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.message)
        self.flaw = flaw


class Token(NamedTuple):
    """A word. `kind` is `string`, `number`, `word`, `end`, or the mark that it is."""

    kind: str
    text: str
    at: At


_TOKEN: Final = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<comment>\#[^\n]*|//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:[^"\\\n$]|\\.|\$\{[^"{}\n]*\}|\$(?!\{))*")
    |(?P<number>-?(?:0x[0-9A-Fa-f]+|[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?))
    |(?P<word>[A-Za-z_][A-Za-z0-9_.-]*)
    |(?P<mark>[{}\[\],=:])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}
_ESCAPE: Final = re.compile(
    r"\\(?:([abfnrtv\\\"])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([0-7]{3})|(.))"
)


def tokens(text: str, json_: bool) -> Iterator[Token]:
    """The words of a policy, without comments. Raises UnreadableError."""
    position, line, start = 0, 1, 0
    if len(text) > LENGTH_MAX:
        raise UnreadableError(
            Flaw(At(1, 1), f"the policy has more than {LENGTH_MAX} characters", "split it", syntax=False)
        )
    while position < len(text):
        at = At(line, position - start + 1)
        found = _TOKEN.match(text, position)
        kind = found.lastgroup if found else None
        if found is None or kind is None or (kind == "comment" and json_):
            raise UnreadableError(_unreadable(text[position : position + 200], at, json_))
        if kind not in ("space", "comment"):
            yield Token(found[0] if kind == "mark" else kind, found[0], at)
        line += found[0].count("\n")
        if "\n" in found[0]:
            start = position + found[0].rindex("\n") + 1
        position = found.end()
    yield Token("end", "", At(line, position - start + 1))


def _unreadable(rest: str, at: At, json_: bool) -> Flaw:
    if rest.startswith('"'):
        if "${" in rest.partition("\n")[0]:
            return Flaw(at, "a text with `${` begins an interpolation", "policies have none: reword it", syntax=False)
        return Flaw(at, "the text is not ended by a quote on its line", 'end it with "')
    if rest.startswith("/*") and not json_:
        return Flaw(at, "the comment is not ended", "end it with */")
    if rest.startswith("<<"):
        return Flaw(at, "a heredoc is not read here", 'write the text in quotes: "…"', syntax=False)
    if rest.startswith("'"):
        return Flaw(at, "a text is written in double quotes", 'write "…"')
    character = rest[0] if rest[0].isascii() and rest[0].isprintable() else f"U+{ord(rest[0]):04X}"
    return Flaw(at, f"`{character}` means nothing here", 'write policies as `path "…" { capabilities = ["read"] }`')


def text_of(token: Token, json_: bool) -> str:
    """What a text or a word says. Raises UnreadableError."""
    if token.kind == "word":
        return token.text
    text = _from_json(token) if json_ else _from_hcl(token)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UnreadableError(Flaw(token.at, "the text holds half a character", "write the character itself"))
    return text


def _from_json(token: Token) -> str:
    try:
        return str(json.loads(token.text))
    except ValueError:
        flaw = Flaw(token.at, "the text has an escape that JSON does not know", "write `\\\\` for `\\`")
    raise UnreadableError(flaw)


def _from_hcl(token: Token) -> str:
    inner = token.text[1:-1]
    for found in _ESCAPE.finditer(inner):
        if found[6] is not None or int(found[3] or "0", 16) > sys.maxunicode:
            at = At(token.at.line, token.at.column + 1 + found.start())
            raise UnreadableError(Flaw(at, f"the escape `{found[0]}` means nothing", "write `\\\\` for `\\`"))
    return _ESCAPE.sub(_unescaped, inner)


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return _ESCAPES[found[1]]
    digits = found[2] or found[3] or found[4]
    return chr(int(digits, 16) if digits else int(found[5], 8))


def number_of(token: Token) -> int | float:
    """Raises UnreadableError for one that nobody can mean."""
    text = token.text
    if len(text) > NUMBER_CHARACTERS_MAX:
        raise UnreadableError(Flaw(token.at, "the number is too long", "write a shorter one", syntax=False))
    if "x" in text:
        return int(text, 16)
    return float(text) if re.search("[.eE]", text) else int(text)
