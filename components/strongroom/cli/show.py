"""How plans look on a terminal."""

import json
import textwrap
from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.console import Console
from rich.table import Table

from strongroom.cli.documents import WIDTH, document_lines, is_document
from strongroom.plan.plan import Plan
from strongroom.plan.record import PLATFORM, Record
from strongroom.review.markdown import visible
from strongroom.spec.names import duration
from strongroom.values.channel import Status
from strongroom.vault.policy.plan import Policy

INDENT = " " * 29
HIDDEN = frozenset({"kind", "slice", "name", "team", "workload"})
"""What stands elsewhere in the line, or is too long for it; `--json` has everything."""


def plan_text(plan: Plan) -> str:
    """A paragraph a slice, a line a record: what it is, its name, and below it what is particular to it."""
    lines = [f"{plan.environment}, slice {plan.slice}: {len(plan.records)} records"]
    for slice_name in sorted({record.slice for record in plan.records}, key=lambda name: (name != PLATFORM, name)):
        lines += ["", slice_name]
        for record in plan.records:
            if record.slice == slice_name:
                lines.append(f"  {record.kind:<26} {record.key}")
                lines += _details(record)
    lines += ["", "Policy texts and SQL statements in full: --json"]
    # Descriptions are free text, and a terminal obeys characters that nobody sees.
    return "\n".join(line if line.isprintable() else visible(line) for line in lines)


def _details(record: Record) -> list[str]:
    if isinstance(record, Policy):
        return [f"{INDENT}{', '.join(rule.capabilities):<22} {rule.path}" for rule in record.rules]
    said = {
        name: value
        for name, value in record.as_json().items()
        if name not in HIDDEN and not name.endswith("statements") and value not in (None, [], "", record.key)
    }
    documents = {name: said.pop(name) for name in list(said) if is_document(said[name])}
    settings = "; ".join(_setting(name, value) for name, value in said.items())
    return [
        *textwrap.wrap(settings, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT, break_on_hyphens=False),
        *(line for name, value in documents.items() for line in document_lines(_words(name), value, INDENT)),
    ]


def _setting(name: str, value: object) -> str:
    if name.endswith("_seconds") and isinstance(value, int):
        name, value = name.removesuffix("_seconds"), duration(value) if value else "never"
    shown = ", ".join(map(_item, value)) if isinstance(value, list) else _plain(value)
    return f"{_words(name)} {shown}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _item(value: object) -> str:
    """A part of a list; a list in it is a name and what belongs to it."""
    return "=".join(map(_plain, value)) if isinstance(value, list) else _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        # A document within a part, such as a pattern of events, is left to --json.
        shown = {key: part for key, part in value.items() if part not in (None, "") and not str(part).startswith('{"')}
        return " ".join(f"{key} {_plain(part)}" for key, part in shown.items())
    return " ".join(map(_plain, value)) if isinstance(value, list) else str(value)


def status_table(statuses: Sequence[Status], now: datetime) -> None:
    """Declared secrets and what is in their stores, without values."""
    table = Table("secret", "version", "age", "missing", "note", box=None)
    for status in statuses:
        age = status.age(now)
        notes = [f"not declared: {', '.join(status.undeclared)}"] if status.undeclared else []
        if status.problem:
            notes.append("could not be looked at")
        if status.overdue(now):
            notes.insert(0, f"overdue: rotate every {duration(status.secret.rotate_every_seconds or 0)}")
        table.add_row(
            status.secret.key,
            "?" if status.problem else str(status.stored.version or "none"),
            duration_of(age) if age else "",
            ", ".join(status.missing),
            "; ".join(notes),
        )
    Console().print(table)


def status_json(statuses: Sequence[Status], now: datetime) -> str:
    """The same for programs. Ages in seconds."""
    return json.dumps(
        [
            {
                "secret": status.secret.key,
                "version": status.stored.version,
                "created": status.stored.created.isoformat() if status.stored.created else None,
                "missing": list(status.missing),
                "undeclared": list(status.undeclared),
                "overdue": status.overdue(now),
                "problem": status.problem,
            }
            for status in statuses
        ],
        indent=2,
    )


def duration_of(age: timedelta) -> str:
    """An age in its largest whole unit: `3d`."""
    total = max(0, int(age.total_seconds()))
    seconds, unit = next((u for u in ((86400, "d"), (3600, "h"), (60, "m")) if total >= u[0]), (1, "s"))
    return f"{total // seconds}{unit}"
