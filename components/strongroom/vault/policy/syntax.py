"""The two languages of ACL policies, HCL 1 and JSON, as values that know their line and column.

Hand-written rather than a library's: the servers read HCL 1, and what is published for Python reads HCL 2, or tells no
positions. Only what policies are made of is read; the rest of the language (heredocs, interpolation) is refused.
"""

from dataclasses import dataclass, replace
from typing import Final

from strongroom.vault.policy.tokens import At, Flaw, Token, UnreadableError, number_of, text_of, tokens

DEPTH_MAX: Final = 20


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
        return _Reader(list(tokens(text, json_=False)), json_=False).document()
    try:
        return _Reader(list(tokens(text, json_=True)), json_=True).document()
    except UnreadableError as error:
        flaw = replace(error.flaw, syntax=False)
    # The servers' reader makes something of nearly everything that begins with a brace, and not what JSON says.
    raise UnreadableError(flaw)


class _Reader:
    def __init__(self, tokens: list[Token], json_: bool) -> None:
        self.tokens = tokens
        self.json = json_
        self.next = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def take(self, *kinds: str) -> Token | None:
        token = self.token
        if token.kind not in kinds:
            return None
        self.next += 1
        return token

    def expect(self, kind: str, where: str) -> Token:
        return self.take(kind) or self.fail(f"{_SAID.get(kind, kind)} is missing {where}")

    def fail(self, message: str, remedy: str = "") -> "Token":
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

    def key(self) -> Token:
        kinds = ("string",) if self.json else ("string", "word")
        return self.take(*kinds) or self.fail("a name is missing", "names are words, or texts in double quotes")

    def value(self, depth: int) -> Value:
        if depth >= DEPTH_MAX:
            raise UnreadableError(Flaw(self.token.at, "the policy is nested too deeply", syntax=False))
        at = self.token.at
        if token := self.take("string"):
            return Value(self.text(token), at)
        if token := self.take("number"):
            return Value(number_of(token), at)
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

    def text(self, token: Token) -> str:
        return text_of(token, self.json)
