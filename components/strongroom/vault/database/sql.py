"""Just enough of SQL and CQL to see which privileges a statement gives away.

Comments and string literals are dropped, quoted names are never keywords, and code in dollar quotes is code. What
builds statements at run time cannot be judged by reading; it is found, and left to the caller to refuse.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Word:
    """A keyword or an unquoted name, in lower case; a quoted name as it is; or a mark such as `*`."""

    text: str
    quoted: bool = False


_COMMON: Final = r"""
    (?P<skip>\s+|--[^\n]*)
  | (?P<open>/\*)
  | (?P<template>\{\{.*?\}\})
"""
_SQL: Final = re.compile(
    _COMMON
    + r"""
  | (?P<escaped>[eE]'(?:[^'\\]|''|\\.)*')
  | (?P<text>'(?:[^']|'')*')
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<dollar>\$(?:[A-Za-z_]\w*)?\$)
  | (?P<word>[^\W\d]\w*)
  | (?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_MYSQL: Final = re.compile(
    _COMMON
    + r"""
  | (?P<hash>\#[^\n]*)
  | (?P<close>\*/)
  | (?P<text>'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*")
  | (?P<quoted>`(?:[^`]|``)*`)
  | (?P<word>[^\W\d]\w*)
  | (?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_BEGINS_A_STATEMENT: Final = frozenset({"begin", "then", "else", "loop"})
"""Keywords of PL/pgSQL after which a statement begins."""


class UnreadableError(ValueError):
    """A comment, a text or a dollar quote never ends, so that what follows cannot be told from it."""


def words(text: str, *, mysql: bool = False) -> Iterator[Word]:
    """The words of a text. Raises UnreadableError."""
    grammar, position = (_MYSQL if mysql else _SQL), 0
    while position < len(text):
        token = grammar.match(text, position)
        assert token is not None, "every character is at least a mark"
        position = token.end()
        match token.lastgroup:
            case "open" if mysql and text.startswith("!", position):
                # MySQL runs what stands in a comment of this form. Its end is the mark `*/`.
                position = re.compile(r"![0-9]*").match(text, position).end()  # type: ignore[union-attr]
            case "open":
                position = _end_of_comment(text, position, nested=not mysql)
            case "quoted":
                yield Word(token[0][1:-1], quoted=True)
            case "template":
                yield Word(token[0], quoted=True)
            case "word":
                yield Word(token[0].lower())
            case "mark" if token[0] in ("'\"`" if mysql else "'\""):
                raise UnreadableError(f"a {token[0]} is never closed")
            case "mark":
                yield Word(token[0])


def _end_of_comment(text: str, position: int, *, nested: bool) -> int:
    """PostgreSQL nests comments: "Comments"."""
    depth = 1
    for mark in re.compile(r"/\*|\*/").finditer(text, position):
        depth += (1 if nested else 0) if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    raise UnreadableError("a comment is never closed")


def statements(text: str, *, mysql: bool = False) -> list[list[Word]]:
    """The statements of a text, each as its words. Raises UnreadableError."""
    found: list[list[Word]] = [[]]
    for word in words(text, mysql=mysql):
        if word == Word(";") or (not word.quoted and word.text in _BEGINS_A_STATEMENT):
            found.append([])
        else:
            found[-1].append(word)
    return [statement for statement in found if statement]


def has(statement: Sequence[Word], *sequence: str) -> bool:
    """Whether these keywords stand in this order, next to one another."""
    texts = [None if word.quoted else word.text for word in statement]
    return any(tuple(texts[at : at + len(sequence)]) == sequence for at in range(len(texts)))
