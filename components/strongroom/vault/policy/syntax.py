"""The two languages of ACL policies, HCL 1 and JSON, as values that know their line and column.

Hand-written rather than a library's: the servers read HCL 1, and what is published for Python reads HCL 2, or tells no
positions. Only what policies are made of is read; the rest of the language (heredocs, interpolation) is refused.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

LENGTH_MAX: Final = 64 * 1024
DEPTH_MAX: Final = 20


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


@dataclass(frozen=True)
class Item:
    """`key = value`, `key { … }` or `key "label" { … }`; in JSON, a member."""

    key: str
    at: At
    labels: tuple[tuple[str, At], ...]
    value: "Value"
    assigned: bool


@dataclass(frozen=True)
class Value:
    """A value. `of` is text, a number, true or false, None (JSON's null), a list, or the items of an object."""

    of: "str | int | float | bool | list[Value] | tuple[Item, ...] | None"
    at: At


class _Token(NamedTuple):
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
_SAID: Final = {
    "{": "`{`",
    "}": "`}`",
    "[": "`[`",
    "]": "`]`",
    ",": "a comma",
    "=": "`=`",
    ":": "`:`",
    "end": "the end",
}


def is_json(text: str) -> bool:
    """As the servers decide it: by the first character."""
    return text.lstrip().startswith("{")


def read(text: str) -> tuple[Item, ...]:
    """The items of a policy. Raises UnreadableError at the first place that cannot be read."""
    if not is_json(text):
        return _Reader(list(_tokens(text, json_=False)), json_=False).document()
    try:
        return _Reader(list(_tokens(text, json_=True)), json_=True).document()
    except UnreadableError as error:
        flaw = replace(error.flaw, syntax=False)
    # The servers' reader makes something of nearly everything that begins with a brace, and not what JSON says.
    raise UnreadableError(flaw)


def _tokens(text: str, json_: bool) -> Iterator[_Token]:
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
            yield _Token(found[0] if kind == "mark" else kind, found[0], at)
        line += found[0].count("\n")
        if "\n" in found[0]:
            start = position + found[0].rindex("\n") + 1
        position = found.end()
    yield _Token("end", "", At(line, position - start + 1))


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


class _Reader:
    def __init__(self, tokens: list[_Token], json_: bool) -> None:
        self.tokens = tokens
        self.json = json_
        self.next = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.next]

    def take(self, *kinds: str) -> _Token | None:
        token = self.token
        if token.kind not in kinds:
            return None
        self.next += 1
        return token

    def expect(self, kind: str, where: str) -> _Token:
        return self.take(kind) or self.fail(f"{_SAID.get(kind, kind)} is missing {where}")

    def fail(self, message: str, remedy: str = "") -> "_Token":
        token = self.token
        found = _SAID.get(token.kind, "a text" if token.kind == "string" else f"`{token.text[:40]}`")
        raise UnreadableError(Flaw(token.at, f"{message}; found {found}", remedy))

    def document(self) -> tuple[Item, ...]:
        if self.json:
            items = self.object(1)
            if self.token.kind != "end":
                raise UnreadableError(
                    Flaw(self.token.at, "something follows the end of the policy", "remove it", syntax=False)
                )
            return items
        return self.items("end", 0)

    def object(self, depth: int) -> tuple[Item, ...]:
        self.expect("{", "to begin an object")
        items = self.items("}", depth)
        self.expect("}", "to end the object")
        return items

    def items(self, end: str, depth: int) -> tuple[Item, ...]:
        found: list[Item] = []
        while self.token.kind not in (end, "end"):
            found.append(self.item(depth))
            if not self.take(",") and self.json and self.token.kind not in (end, "end"):
                self.fail("a comma is missing between members")
            elif self.json and self.token.kind == end and self.tokens[self.next - 1].kind == ",":
                raise UnreadableError(
                    Flaw(self.tokens[self.next - 1].at, "a comma stands before the end", "remove it", syntax=False)
                )
        return tuple(found)

    def item(self, depth: int) -> Item:
        first = self.key()
        labels = []
        while not self.json and self.token.kind in ("string", "word"):
            label = self.key()
            labels.append((self.text(label), label.at))
        assigned = self.take(":" if self.json else "=")
        if assigned is None and (self.json or self.token.kind != "{"):
            self.fail(f"`{self.text(first)[:40]}` needs {'`:`' if self.json else '`=`'} and a value")
        if assigned and labels:
            raise UnreadableError(Flaw(assigned.at, "a block has no `=`", 'write `path "…" { … }`'))
        return Item(self.text(first), first.at, tuple(labels), self.value(depth), assigned is not None)

    def key(self) -> _Token:
        kinds = ("string",) if self.json else ("string", "word")
        return self.take(*kinds) or self.fail("a name is missing", "names are words, or texts in double quotes")

    def value(self, depth: int) -> Value:
        if depth >= DEPTH_MAX:
            raise UnreadableError(Flaw(self.token.at, "the policy is nested too deeply", syntax=False))
        at = self.token.at
        if token := self.take("string"):
            return Value(self.text(token), at)
        if token := self.take("number"):
            return Value(_number(token), at)
        if self.token.kind == "word" and self.token.text in ("true", "false", *(["null"] if self.json else [])):
            word = self.tokens[self.next].text
            self.next += 1
            return Value({"true": True, "false": False, "null": None}[word], at)
        if self.take("["):
            return Value(self.list(depth), at)
        if self.token.kind == "{":
            return Value(self.object(depth + 1), at)
        if not depth and self.token.kind == "end":  # which HCL 1 takes for an empty value
            raise UnreadableError(Flaw(at, "a value is missing; found the end", syntax=False))
        self.fail("a value is missing", "texts need double quotes")
        raise AssertionError

    def list(self, depth: int) -> "list[Value]":
        found: list[Value] = []
        while not self.take("]"):
            if self.token.kind == ",":
                raise UnreadableError(Flaw(self.token.at, "a comma too many", "remove it", syntax=False))
            found.append(self.value(depth + 1))
            if not self.take(","):
                self.expect("]", "to end the list, or a comma before its next item")
                break
        return found

    def text(self, token: _Token) -> str:
        if token.kind == "word":
            return token.text
        if self.json:
            try:
                return str(json.loads(token.text))
            except ValueError:
                flaw = Flaw(token.at, "the text has an escape that JSON does not know", "write `\\\\` for `\\`")
            raise UnreadableError(flaw)
        inner = token.text[1:-1]
        for found in _ESCAPE.finditer(inner):
            if found[6] is not None:
                at = At(token.at.line, token.at.column + 1 + found.start())
                raise UnreadableError(Flaw(at, f"the escape `\\{found[6]}` means nothing", "write `\\\\` for `\\`"))
        return _ESCAPE.sub(_unescaped, inner)


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return _ESCAPES[found[1]]
    digits = found[2] or found[3] or found[4]
    return chr(int(digits, 16) if digits else int(found[5], 8))


def _number(token: _Token) -> int | float:
    text = token.text
    if "x" in text:
        return int(text, 16)
    return float(text) if re.search("[.eE]", text) else int(text)
