"""Just enough of SQL and CQL to see which privileges a statement gives away.

Comments and string literals are dropped, quoted names are never keywords, and code in dollar quotes is code. What
builds statements at run time cannot be judged by reading; it is found, and left to the caller to refuse.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Word:
    """A keyword or an unquoted name, in lower case; a quoted name as it is; or a mark such as `*`."""

    text: str
    quoted: bool = False


Dialect = Literal["postgresql", "mysql", "cassandra"]
_TOKENS: Final = r"""
    (?P<skip>\s+|COMMENT[^\n]*)
  | (?P<open>/\*)
  | (?P<template>\{\{.*?\}\})
  | LITERALS
  | (?P<word>[^\W\d]\w*)
  | (?P<mark>.)"""
_SQL: Final = r"""(?P<text>[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*')
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<dollar>\$(?:[^\W\d]\w*)?\$)"""
_MYSQL: Final = r"""(?P<text>'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*")
  | (?P<quoted>`(?:[^`]|``)*`)
  | (?P<close>\*/)"""


def _grammar(comment: str, literals: str) -> re.Pattern[str]:
    return re.compile(
        _TOKENS.replace("COMMENT", comment).replace("LITERALS", literals), re.VERBOSE | re.DOTALL | re.MULTILINE
    )


_GRAMMARS: Final[Mapping[Dialect, re.Pattern[str]]] = {
    "postgresql": _grammar("--", _SQL),
    "cassandra": _grammar("(?:--|//)", _SQL),
    "mysql": _grammar(r"(?:\#|--(?=\s|$))", _MYSQL),  # there `--1` is a number
}
_QUOTES: Final[Mapping[Dialect, str]] = {"postgresql": "'\"", "cassandra": "'\"", "mysql": "'\"`"}
_BEGINS_A_STATEMENT: Final = frozenset({"begin", "then", "else", "loop"})
"""Keywords of PL/pgSQL after which a statement begins."""
_MYSQL_CODE: Final = re.compile(r"![0-9]*")
"""Begins a comment that MySQL runs; the mark `*/` ends it."""


class UnreadableError(ValueError):
    """A comment, a text or a dollar quote never ends, so that what follows cannot be told from it."""


def words(text: str, dialect: Dialect = "postgresql") -> Iterator[Word]:
    """The words of a text. Raises UnreadableError."""
    position = 0
    while position < len(text):
        token = _GRAMMARS[dialect].match(text, position)
        assert token is not None, "every character is at least a mark"
        position = token.end()
        match token.lastgroup:
            case "open" if dialect == "mysql" and (version := _MYSQL_CODE.match(text, position)):
                position = version.end()
            case "open":
                position = _end_of_comment(text, position, nested=dialect == "postgresql")
            case "dollar":
                end = text.find(token[0], position)
                if end < 0:
                    raise UnreadableError(f"a {token[0]} is never closed")
                yield from (Word(";"), *_code(text[position:end], dialect), Word(";"))
                position = end + len(token[0])
            case "quoted":
                yield Word(token[0][1:-1], quoted=True)
            case "template":
                yield Word(token[0], quoted=True)
            case "word":
                yield Word(token[0].lower())
            case "mark" if token[0] in _QUOTES[dialect]:
                raise UnreadableError(f"a {token[0]} is never closed")
            case "mark":
                yield Word(token[0])


def _code(text: str, dialect: Dialect) -> list[Word]:
    """What stands in dollar quotes; nothing if it is not code, as a text with an apostrophe."""
    try:
        return list(words(text, dialect))
    except UnreadableError:
        return []


def _end_of_comment(text: str, position: int, *, nested: bool) -> int:
    """PostgreSQL nests comments: "Comments"."""
    depth = 1
    for mark in re.compile(r"/\*|\*/").finditer(text, position):
        depth += (1 if nested else 0) if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    raise UnreadableError("a comment is never closed")


def statements(text: str, dialect: Dialect = "postgresql") -> list[list[Word]]:
    """The statements of a text, each as its words. Raises UnreadableError."""
    found: list[list[Word]] = [[]]
    for word in words(text, dialect):
        if word == Word(";") or (not word.quoted and word.text in _BEGINS_A_STATEMENT):
            found.append([])
        else:
            found[-1].append(word)
    return [statement for statement in found if statement]


def has(statement: Sequence[Word], *sequence: str) -> bool:
    """Whether these keywords stand in this order, next to one another."""
    texts = [None if word.quoted else word.text for word in statement]
    return any(tuple(texts[at : at + len(sequence)]) == sequence for at in range(len(texts)))
