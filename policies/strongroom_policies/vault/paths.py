"""Path patterns of Vault and OpenBao ACL policies, as a small algebra.

A pattern is one of three kinds (source: "Policies" in the vendors' documentation; `vault/acl.go`):

- exact: ``secret/data/app``
- prefix: ``secret/data/*`` - a ``*`` counts only as the very last character, elsewhere it is an ordinary character
- segments: ``secret/+/app`` or ``secret/+/app*`` - ``+`` is exactly one segment, possibly empty

Every pattern is a deterministic automaton whose state is one position, so questions about all paths at once
(do two patterns meet, does one cover another, is anything left of one after others took precedence) are answered by
walking the automata side by side. The answer is a shortest example path, never a sample that happened to be tried.
"""

from __future__ import annotations

import string
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property


class PatternError(ValueError):
    """The server refuses this path in a policy; the message says why and never shows more than the path."""


class Words(Enum):
    """Which paths a question is about."""

    ANY = "any string"
    OBJECTS = "paths a read, write or delete can name: no empty segment, no trailing slash"
    LISTINGS = "paths a LIST names: no empty segment, one trailing slash (the server appends it)"


class _Wild(Enum):
    SEGMENT = "+"
    REST = "*"


@dataclass(frozen=True)
class Pattern:
    """One path of a policy. Build it with `Pattern.parse`, which does what the server does to the text."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read the path as the server stores it: without one leading slash.

        Raises:
            PatternError: `+*`, which the server forbids.
        """
        if "+*" in text:
            raise PatternError(f"path {text!r}: '+*' is forbidden")
        return cls(text.removeprefix("/"))

    @cached_property
    def is_prefix(self) -> bool:
        """Does it end in a `*` that stands for any rest?"""
        return self.text.endswith("*")

    @cached_property
    def has_segments(self) -> bool:
        """Is it matched segment by segment, the server's test for `+` patterns?"""
        return self.text == "+" or "/+" in self.text or self.text.startswith("+/")

    @property
    def is_exact(self) -> bool:
        """Does it name one path only?"""
        return not self.is_prefix and not self.has_segments

    @cached_property
    def rank(self) -> tuple[bool, int, bool, int, int, str]:
        """Precedence: of all patterns that match a path the one with the greatest rank alone decides.

        Exact first; then the later first wildcard, not ending in `*`, fewer `+`, longer, lexicographically greater.
        """
        bare = self.text[:-1] if self.is_prefix else self.text
        first = self.text.index("+") if self.has_segments else len(bare)
        plus = bare.split("/").count("+") if self.has_segments else 0
        return (self.is_exact, first, not self.is_prefix, -plus, len(bare), bare)

    @cached_property
    def _symbols(self) -> tuple[str | _Wild, ...]:
        bare = self.text[:-1] if self.is_prefix else self.text
        symbols: list[str | _Wild] = []
        for number, segment in enumerate(bare.split("/")):
            symbols += ["/"] if number else []
            symbols += [_Wild.SEGMENT] if segment == "+" and self.has_segments else list(segment)
        return (*symbols, _Wild.REST) if self.is_prefix else tuple(symbols)

    def _step(self, state: int, character: str) -> int | None:
        """The state after one more character, or None when no continuation can match."""
        symbols = self._symbols
        if state == len(symbols):
            return None
        match symbols[state]:
            case _Wild.REST:
                return state
            case _Wild.SEGMENT if character != "/":
                return state
            case _Wild.SEGMENT:  # the segment ends here; what follows it is a slash or nothing
                return state + 2 if state + 1 < len(symbols) else None
            case literal:
                return state + 1 if literal == character else None

    def _accepts(self, state: int | None) -> bool:
        if state is None:
            return False
        rest = self._symbols[state:]
        return not rest or rest == (_Wild.SEGMENT,) or rest[0] is _Wild.REST

    def matches(self, path: str) -> bool:
        """Does the pattern match this path (without a leading slash)?"""
        state: int | None = 0
        for character in path:
            if state is None:
                return False
            state = self._step(state, character)
        return self._accepts(state)


def intersects(left: Pattern, right: Pattern) -> bool:
    """Is there a path that both match?"""
    return witness([left, right]) is not None


def subsumes(wide: Pattern, narrow: Pattern) -> bool:
    """Does `wide` match every path that `narrow` matches?"""
    return witness([narrow], outside=[wide]) is None


# States of the patterns inside, of those outside (None: cannot match any more), and: does a segment begin here?
_Node = tuple[tuple[int, ...], tuple[int | None, ...], bool]


def witness(inside: Sequence[Pattern], outside: Sequence[Pattern] = (), words: Words = Words.ANY) -> str | None:
    """A shortest path that all of `inside` match and none of `outside`, or None if there is none.

    Breadth-first over the product of the automata; the same question always gets the same path.
    """
    start: _Node = (tuple(0 for _ in inside), tuple(0 for _ in outside), True)
    queue = deque([(start, "")])
    seen = {start}
    while queue:
        (ins, outs, at_start), path = queue.popleft()
        if any(s is not None and p._symbols[s:] == (_Wild.REST,) for p, s in zip(outside, outs, strict=True)):
            continue  # whatever follows, that pattern matches it
        if (
            _is_word(path, words)
            and all(p._accepts(s) for p, s in zip(inside, ins, strict=True))
            and not any(p._accepts(s) for p, s in zip(outside, outs, strict=True))
        ):
            return path
        for character in _next_characters(inside, ins, outside, outs):
            if at_start and character == "/" and words is not Words.ANY:
                continue  # an empty segment, which no request has
            after_in = [p._step(s, character) for p, s in zip(inside, ins, strict=True)]
            if any(state is None for state in after_in):
                continue
            after_out = tuple(None if s is None else p._step(s, character) for p, s in zip(outside, outs, strict=True))
            node: _Node = (tuple(s for s in after_in if s is not None), after_out, character == "/")
            if node not in seen:
                seen.add(node)
                queue.append((node, path + character))
    return None


def _is_word(path: str, words: Words) -> bool:
    match words:
        case Words.ANY:
            return True
        case Words.OBJECTS:
            return path != "" and not path.endswith("/")
        case Words.LISTINGS:
            return path.endswith("/")


def _next_characters(
    inside: Sequence[Pattern],
    ins: Sequence[int],
    outside: Sequence[Pattern],
    outs: Sequence[int | None],
) -> Iterator[str]:
    """The characters worth trying: a required one, or else one for every way in which the patterns tell apart.

    Where no pattern names a character, all characters lead to the same place, and one stands for them.
    """
    for pattern, state in zip(inside, ins, strict=True):
        if state == len(pattern._symbols):
            return
        if isinstance(symbol := pattern._symbols[state], str):
            yield symbol
            return
    named = {
        symbol
        for pattern, state in zip(outside, outs, strict=True)
        if state is not None and state < len(pattern._symbols) and isinstance(symbol := pattern._symbols[state], str)
    }
    yield next(character for character in _readable() if character not in named)
    yield "/"
    yield from sorted(named - {"/"})


def _readable() -> Iterator[str]:
    """Characters to fill an example path with; people read it, so 'x' first and letters before anything else."""
    yield "x"
    yield from string.ascii_lowercase + string.digits
    yield from map(chr, range(0x4E00, 0x9FFF))  # more than any policy names
