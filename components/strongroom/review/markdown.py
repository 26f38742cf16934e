"""GitHub's markdown from texts that nobody vouches for: they can neither become markup nor hide in it."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

TEXT_MAX: Final = 300
"""Characters of one text that are shown."""


def code(text: str, limit: int = TEXT_MAX) -> str:
    """A code span on one line, also for a table's cell: no markup, HTML, mention, reference or link in it is live."""
    # A bar would end a table's cell even here, and a backslash before it is shown everywhere else.
    text = " ".join(visible(text[: limit + 1]).split()).replace("|", r"\u007c")
    text = shortened(text, limit) or " "
    ticks = "`" * (_longest_run(text) + 1)
    # One blank at each end is not shown; without it a backtick there would join the delimiter.
    padding = " " if "`" in text else ""
    return f"{ticks}{padding}{text}{padding}{ticks}"


def fence(lines: Sequence[str], language: str) -> list[str]:
    """A block of code that no line in it can end."""
    shown = [shortened(visible(line[: TEXT_MAX + 1]), TEXT_MAX) for line in lines]
    ticks = "`" * max(3, _longest_run("\n".join(shown)) + 1)
    return [f"{ticks}{language}", *shown, ticks]


def details(summary: str, lines: Sequence[str]) -> list[str]:
    """A part that is folded until it is clicked. `summary` is our own text."""
    return [f"<details><summary>{summary}</summary>", "", *lines, "", "</details>", ""]


def visible(text: str) -> str:
    """Control, formatting and private characters as escapes: none ends a line, reverses text or hides in it."""
    return "".join(
        char if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else f"\\u{ord(char):04x}"
        for char in text.replace("\t", "  ")
    )


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
