"""Just enough of SQL and CQL to see which privileges a statement gives away.

Comments are dropped, quoted names and literals are never keywords, and code in dollar quotes is code. What builds
statements at run time cannot be judged by reading; it is found, and left to the caller to refuse.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Word:
    """A keyword or an unquoted name, in lower case; a quoted name or a literal as it is; or a mark such as `*`."""

    text: str
    quoted: bool = False
    literal: bool = False
    """A literal is quoted too. MySQL takes one for the name of an account."""


Dialect = Literal["postgresql", "mysql", "cassandra"]
_TOKENS: Final = r"""
    (?P<skip>[ \t\n\r\f\v]+)
  | (?P<comment>COMMENT)
  | (?P<open>/\*)
  | (?P<template>\{\{.*?\}\})
  | LITERALS
  | (?P<word>LETTER(?:LETTER|[0-9$])*)
  | (?P<mark>.)"""
_LETTER: Final = r"[A-Za-z_\x80-\U0010ffff]"
"""What a name may begin with, and a tag too. To PostgreSQL even a no-break space is one: "Lexical Structure"."""
_SQL: Final = r"""(?P<continued>[eE]'(?:[^'\\]|''|\\.)*'(?=(?:\s|--[^\n\r]*[\n\r])+'))
  | (?P<text>[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*')
  | (?P<unicode>[uU]&(?=['"]))
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<dollar>\$(?:LETTER(?:LETTER|[0-9])*)?\$)"""
_MYSQL: Final = r"""(?P<text>'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*")
  | (?P<quoted>`(?:[^`]|``)*`)
  | (?P<close>\*/)"""


def _grammar(comment: str, literals: str) -> re.Pattern[str]:
    text = _TOKENS.replace("COMMENT", comment).replace("LITERALS", literals).replace("LETTER", _LETTER)
    return re.compile(text, re.VERBOSE | re.DOTALL | re.MULTILINE)


_GRAMMARS: Final[Mapping[Dialect, re.Pattern[str]]] = {
    "postgresql": _grammar(r"--[^\n\r]*", _SQL),
    "cassandra": _grammar(r"(?:--|//)[^\n\r]*", _SQL),
    "mysql": _grammar(r"(?:\#|--(?=\s|$))[^\n]*", _MYSQL),  # there `--1` is a number
}
_QUOTES: Final[Mapping[Dialect, str]] = {"postgresql": "'\"", "cassandra": "'\"", "mysql": "'\"`"}
_BEGINS_A_STATEMENT: Final = frozenset({"begin", "then", "else", "loop"})
"""Keywords of PL/pgSQL after which a statement begins."""
_MYSQL_CODE: Final = re.compile(r"![0-9]*")
"""Begins a comment that MySQL runs; the mark `*/` ends it."""


class UnreadableError(ValueError):
    """The text can be read in more ways than one, as when a comment never ends."""

    def __init__(self, what: str, remedy: str = "close it: what follows could mean anything") -> None:
        super().__init__(what)
        self.remedy = remedy


def words(text: str, dialect: Dialect = "postgresql") -> Iterator[Word]:
    """The words of a text. Raises UnreadableError."""
    position = 0
    statement: list[Word] = []
    while position < len(text):
        token = _GRAMMARS[dialect].match(text, position)
        assert token is not None, "every character is at least a mark"
        position = token.end()
        found: list[Word] = []
        kind = token.lastgroup or ""
        _refuse(kind, token[0], text[position : position + 1], dialect)
        match kind:
            case "open" if dialect == "mysql" and (version := _MYSQL_CODE.match(text, position)):
                position = version.end()
            case "open" | "comment":
                if kind == "open":
                    position = _end_of_comment(text, position, nested=dialect == "postgresql")
                if ";" in text[token.start() : position]:
                    raise UnreadableError("has a ; in a comment, where the server cuts it in two", "leave the ; out")
            case "dollar":
                end = text.find(token[0], position)
                if end < 0:
                    raise UnreadableError(f"a {token[0]} is never closed")
                found = [Word(";"), *_code(text[position:end], dialect, runs=_runs_code(statement)), Word(";")]
                position = end + len(token[0])
            case "text":
                found = [Word(token[0][token[0].index(token[0][-1]) + 1 : -1], quoted=True, literal=True)]
            case "quoted":
                found = [Word(token[0][1:-1], quoted=True)]
            case "template":
                found = [Word(token[0], quoted=True)]
            case "word" | "mark":
                found = [Word(token[0].lower())]
        yield from found
        statement.extend(found)
        if found[-1:] == [Word(";")]:
            statement.clear()


def _refuse(kind: str, token: str, following: str, dialect: Dialect) -> None:
    """What reading cannot tell the end or the meaning of."""
    if kind == "unicode":
        raise UnreadableError("has U& before a quote, which writes letters as numbers", "write them as they are")
    if kind == "continued":
        raise UnreadableError("has a literal E'…' that goes on in another", "write it as one")
    if kind == "template" and following == "$":
        raise UnreadableError("has a $ right after a {{…}}", "write a space between them")
    if kind == "mark" and token in _QUOTES[dialect]:
        raise UnreadableError(f"a {token} is never closed")


def _runs_code(statement: Sequence[Word]) -> bool:
    """Whether what stands in quotes next is code: DO, CREATE FUNCTION and CREATE PROCEDURE."""
    keywords = {word.text for word in statement if not word.quoted}
    return "do" in keywords or ("create" in keywords and not keywords.isdisjoint({"function", "procedure"}))


def _code(text: str, dialect: Dialect, *, runs: bool) -> list[Word]:
    """What stands in dollar quotes; nothing if it is not code, as a text with an apostrophe."""
    try:
        return list(words(text, dialect))
    except UnreadableError as error:
        if runs:
            raise UnreadableError(f"runs code that cannot be read: {error}", error.remedy) from None
        return []


def _end_of_comment(text: str, position: int, *, nested: bool) -> int:
    """PostgreSQL nests comments: "Comments"."""
    depth = 1
    for mark in re.compile(r"/\*|\*/").finditer(text, position):
        depth += (1 if nested else 0) if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    raise UnreadableError("a comment is never closed")


def _names_roles(statement: Sequence[Word]) -> bool:
    """Whether a word in it such as `loop` is a role."""
    verb, what = [*(word.text for word in statement[:2] if not word.quoted), "", ""][:2]
    return verb == "grant" or (verb in {"create", "alter"} and what in {"role", "user", "group"})


def statements(text: str, dialect: Dialect = "postgresql") -> list[list[Word]]:
    """The statements of a text, each as its words. Raises UnreadableError."""
    found: list[list[Word]] = [[]]
    for word in words(text, dialect):
        begins = not word.quoted and word.text in _BEGINS_A_STATEMENT and not _names_roles(found[-1])
        if word == Word(";") or begins:
            found.append([])
        else:
            found[-1].append(word)
    return [statement for statement in found if statement]


def has(statement: Sequence[Word], *sequence: str) -> bool:
    """Whether these keywords stand in this order, next to one another."""
    texts = [None if word.quoted else word.text for word in statement]
    return any(tuple(texts[at : at + len(sequence)]) == sequence for at in range(len(texts)))
