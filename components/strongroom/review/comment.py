"""The comment on a pull request: what a change does to every stack, the dangerous first. Pure text from previews."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from strongroom.review.github import LIMIT, MARKER
from strongroom.review.markdown import code, details, fence
from strongroom.review.preview import Change, Preview

_COUNTED: Final = ("create", "update", "replace", "delete")
_SIGNS: Final = {"create": "+", "import": "=", "read": ">", "update": "!", "replace": "-/+", "delete": "-"}
"""Starts a line of the list of changes; GitHub colours `+`, `-` and `!` in a `diff` block."""
_ROWS_MAX: Final = 150
_ROWS_AT_LEAST: Final = 50
_ALARMS_AT_LEAST: Final = 5
_LINES_AT_MOST: Final = (2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1, 0)


def comment(previews: Iterable[Preview], missing: Sequence[str] = (), log: str = "") -> str:
    """The text of the comment. Its first line is the marker by which it is found again.

    Args:
        previews: One for each stack.
        missing: Stacks that are touched and of which there is no preview, because its job broke down.
        log: URL of the run, with the engine's own words.

    It never exceeds what GitHub accepts: lists are shortened evenly, at their ends, by whole lines, and say so. The
    table and what is replaced or deleted are shortened last.
    """
    ordered = sorted(previews, key=lambda preview: preview.stack)
    for lines in _LINES_AT_MOST:
        text = "\n".join(_comment(ordered, sorted(missing), log, lines)) + "\n"
        # In bytes, so that it holds however GitHub counts.
        if len(text.encode()) <= LIMIT:
            return text
    raise AssertionError("table and headings alone are below the limit")


def _comment(previews: Sequence[Preview], missing: Sequence[str], log: str, lines: int) -> Iterator[str]:
    yield MARKER
    yield "## Strongroom preview"
    yield ""
    if not previews and not missing:
        yield "This change touches no stack."
        return
    yield from _table(previews, missing, _ROWS_MAX if lines else _ROWS_AT_LEAST)
    yield from _alarm(previews, max(lines * 5, _ALARMS_AT_LEAST))
    for preview in previews if lines else ():
        yield from _section(preview, lines)
    if not lines:
        yield "All else is too long for a comment; see the log."
        yield ""
    if log.startswith("https://"):
        yield f"What the engine printed: [log of this run]({log.replace(' ', '%20').replace(')', '%29')})."


def _table(previews: Sequence[Preview], missing: Sequence[str], at_most: int) -> Iterator[str]:
    yield f"| stack | {' | '.join(_COUNTED)} | policies | result |"
    yield f"| --- |{' ---: |' * len(_COUNTED)} --- | --- |"
    rows = [_row(preview) for preview in previews]
    rows += [f"| {code(stack, 60)} |{' |' * len(_COUNTED)} | :x: no preview: see the log |" for stack in missing]
    yield from rows[:at_most]
    yield ""
    if len(rows) > at_most:
        yield f"… and {len(rows) - at_most} more stacks; see the log."
        yield ""


def _row(preview: Preview) -> str:
    counts = [preview.count(operation) for operation in _COUNTED]
    cells = [f"**{count}**" if count and index >= 2 else str(count or "") for index, count in enumerate(counts)]
    return f"| {' | '.join([code(preview.stack, 60), *cells, _policies(preview), _result(preview)])} |"


def _policies(preview: Preview) -> str:
    mandatory = sum(violation.level == "mandatory" for violation in preview.violations)
    numbers = {"mandatory": mandatory, "advisory": len(preview.violations) - mandatory}
    found = ", ".join(f"{number} {level}" for level, number in numbers.items() if number)
    return found or ("pass" if preview.policies_ran else "not run")


def _result(preview: Preview) -> str:
    if preview.problems:
        return f":x: {len(preview.problems)} problems in the files"
    if preview.losses:
        return f":x: {len(preview.losses)} loss{'es' if len(preview.losses) > 1 else ''} refused"
    if not preview.succeeded:
        return ":x: failed"
    if preview.dry:
        return "dry: compared with nothing deployed"
    return "changes" if preview.changes else "no changes"


def _alarm(previews: Sequence[Preview], lines: int) -> Iterator[str]:
    """Everything that is replaced or deleted, what is protected or loses something first."""
    loud = [(preview.stack, change) for preview in previews for change in preview.changes if change.is_loud]
    if not loud:
        return
    loud.sort(key=lambda item: (not item[1].protected, item[1].loses is None, item[0], item[1].type, item[1].name))
    yield "> [!CAUTION]"
    yield "> **Replaced or deleted:**"
    yield from (f"> - {_alarm_line(stack, change)}" for stack, change in loud[:lines])
    if len(loud) > lines:
        yield f"> - … and {len(loud) - lines} more; see the log."
    yield ""


def _alarm_line(stack: str, change: Change) -> str:
    notes = ["it is **protected**"] if change.protected else []
    if change.loses:
        notes.append(f"**lost with it: {change.loses}**")
    if change.forces_replacement:
        notes.append(f"because of {', '.join(code(path, 80) for path in change.forces_replacement[:5])}")
    note = f": {'; '.join(notes)}" if notes else ""
    return f"{code(stack, 60)} {change.operation}s {code(change.type, 100)} {code(change.name, 120)}{note}"


def _section(preview: Preview, lines: int) -> Iterator[str]:
    parts = [
        *_block("Problems in the files", preview.problems, "text", lines * 2, opened=True),
        *_block("Refused, as something would be lost", preview.losses, "text", lines * 2, opened=True),
        *_block("Policies", [*_policy_lines(preview)], "text", lines * 2, opened=True),
        *_block("The engine reported errors for", [*_failures(preview)], "text", lines, opened=True),
        *_block("Changes", [*_change_lines(preview)], "diff", lines),
        *_block("Difference of the plans", preview.plan_diff, "diff", lines),
    ]
    if parts:
        yield f"### {code(preview.stack, 60)}"
        yield ""
        yield from parts


def _block(title: str, content: Sequence[str], language: str, lines: int, *, opened: bool = False) -> Iterator[str]:
    """A titled list, at most `lines` of it, folded unless `opened`."""
    if not content:
        return
    shown = fence(content[:lines], language)
    if len(content) > lines:
        shown.append(f"… and {len(content) - lines} more lines; see the log.")
    title = f"{title} ({len(content)})"
    yield from [f"**{title}**", "", *shown, ""] if opened else details(title, shown)


def _policy_lines(preview: Preview) -> Iterator[str]:
    for violation in preview.violations:
        message = violation.message or f"see the log (pack {violation.pack})"
        yield f"{violation.level}: {violation.policy}: {violation.resource or 'the stack'}: {message}"


def _failures(preview: Preview) -> Iterator[str]:
    yield from (name or "the stack" for name in preview.failed)


def _change_lines(preview: Preview) -> Iterator[str]:
    order: Mapping[str, int] = {name: at for at, name in enumerate(("replace", "delete", "update"))}
    for change in sorted(preview.changes, key=lambda c: (order.get(c.operation, 9), c.type, c.name)):
        paths = [f"{path} (replaces)" if path in change.forces_replacement else path for path in change.properties]
        listed = f" [{', '.join(paths)}]" if paths else ""
        yield f"{_SIGNS[change.operation]} {change.type} {change.name}{listed}"
