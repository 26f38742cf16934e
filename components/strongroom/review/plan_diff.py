"""How the plans before and after a change differ: paths, policy texts, SQL, lifetimes. A plan holds no values."""

import difflib
import json
from collections.abc import Iterator

from strongroom.plan.plan import Plan

CONTEXT_LINES = 2


def plan_diff(before: Plan | None, after: Plan) -> tuple[str, ...]:
    """The difference as lines of `diff -u`, one section a record that changed. Empty if nothing did."""
    was, now = _texts(before), _texts(after)
    return tuple(line for key in sorted({*was, *now}) for line in _section(key, was.get(key, []), now.get(key, [])))


def _section(key: tuple[str, str], was: list[str], now: list[str]) -> Iterator[str]:
    if was == now:
        return
    yield f"@@ {key[0]} {key[1]} @@"
    # Two lines of file names, then hunks; a line that starts with `@@` is a hunk's head, as all others are marked.
    _, _, _, *lines = difflib.unified_diff(was, now, lineterm="", n=CONTEXT_LINES)
    yield from (" ..." if line.startswith("@@") else line for line in lines)


def _texts(plan: Plan | None) -> dict[tuple[str, str], list[str]]:
    """Each record as lines. Texts of several lines are written out, as what changed in them is what matters."""
    return {
        (record.kind, record.key): [line for name, value in record.as_json().items() for line in _lines(name, value)]
        for record in (plan.records if plan else ())
    }


def _lines(name: str, value: object) -> Iterator[str]:
    values = value if isinstance(value, list) else [value]
    if name == "kind" or not values:
        return
    for item in values:
        text = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
        if "\n" in text:
            yield f"{name}:"
            yield from (f"  {line}" for line in text.splitlines())
        else:
            yield f"{name}: {text}"
