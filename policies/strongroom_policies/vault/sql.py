"""Just enough SQL to judge what a database role's creation statements give away.

Statements are cut into words: comments and the texts of literals are dropped, so a password that happens to read
SUPERUSER is not one. Code between dollar quotes is code: its statements are judged like any other. SQL that builds SQL
at run time, and code in another language, cannot be judged by reading and is *undecided*.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_TOKEN = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|/\*.*?\*/)
      | (?P<unicode>[uU]&(?=['"]))
      | (?P<text>'(?:[^']|'')*')
      | (?P<template>\{\{[^}]*\}\})
      | (?P<quoted>"(?:[^"]|"")*"|`[^`]*`)
      | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
      | (?P<word>[^\W\d][\w$]*)
      | (?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)


_DOLLAR_QUOTED = re.compile(r"(\$(?:[^\W\d]\w*)?\$)(.*?)\1", re.DOTALL)
_AMBIGUOUS = re.compile(
    r"""(?:--|/\*).*;  # Vault cuts statements there, in a comment too
      | --.*\r.  # ends a comment in PostgreSQL
      | /\*!  # MySQL runs it
      | \#  # begins a comment in MySQL
      | '.*\\  # ends a literal early, or not
      | [uU]&  # writes letters as numbers""",
    re.VERBOSE | re.DOTALL,
)
_BEGINS_A_STATEMENT = frozenset({"begin", "then", "else", "loop"})
"""Keywords of PL/pgSQL after which a statement begins."""


@dataclass(frozen=True)
class Word:
    """A word of a statement. A quoted one is a name, never a keyword."""

    text: str  # lower case unless quoted, without quotes; of a literal, nothing
    quoted: bool = False
    literal: bool = False

    def is_keyword(self, *keywords: str) -> bool:
        """Is it one of these keywords (given in lower case)?"""
        return not self.quoted and self.text in keywords


class DynamicSqlError(ValueError):
    """The text runs SQL that it builds itself, or servers read it in different ways."""


def statements(text: str) -> list[list[Word]]:
    """Cut a text into statements of words.

    Raises:
        DynamicSqlError: the text has an EXECUTE command, code in a language that it names, or what ends or means
            something else in another database.
    """
    # An apostrophe by itself, as in a text, would make the rest look like one.
    if any(body[2].count("'") % 2 for body in _DOLLAR_QUOTED.finditer(text)):
        raise DynamicSqlError
    found: list[list[Word]] = [[]]
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "skip" | "text" | "unicode" | "mark" if _AMBIGUOUS.match(token[0]):
                raise DynamicSqlError
            case "text":
                found[-1].append(Word("", quoted=True, literal=True))
            case "quoted":
                found[-1].append(Word(token[0][1:-1], quoted=True))
            case "template":
                found[-1].append(Word(token[0], quoted=True))
            case "mark" if token[0] == ";":
                found.append([])
            case "word" if token[0].lower() in _BEGINS_A_STATEMENT:
                found.append([])
            case "word" | "mark":
                found[-1].append(Word(token[0].lower()))
    if any(_is_dynamic(words) for words in found):
        raise DynamicSqlError
    return [words for words in found if words]


def _is_dynamic(words: Sequence[Word]) -> bool:
    grants = words[:1] and words[0].is_keyword("grant", "revoke")  # there EXECUTE is a privilege
    elsewhere = words[:1] and words[0].is_keyword("do") and any(word.is_keyword("language") for word in words)
    return bool(elsewhere) or any(word.is_keyword("$") or (word.is_keyword("execute") and not grants) for word in words)


def runs_a_literal(words: Sequence[Word]) -> bool:
    """Is the code of a DO, a function or a procedure written as a literal, which reading drops?"""
    if words[0].is_keyword("do"):
        return any(word.literal for word in words)
    after_as = any(word.literal and before.is_keyword("as") for before, word in pairwise(words))
    return after_as and not words[0].is_keyword("select")  # there it is a column's name, in MySQL


def names_after(words: Sequence[Word], *keywords: str) -> list[str]:
    """The names in a list that follows the last of the keywords and ends at TO: `SCHEMA a, "b" TO c` has a and b."""
    start = max((n for n, word in enumerate(words) if word.is_keyword(*keywords)), default=None)
    if start is None:
        return []
    end = next((n for n, word in enumerate(words) if n > start and word.is_keyword("to")), len(words))
    names = (word for word in words[start + 1 : end] if not word.literal)
    return [word.text for word in names if word.quoted or word.text not in (",", ".")]
