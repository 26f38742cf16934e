"""How plans look on a terminal."""

from rich.console import Console
from rich.table import Table

from strongroom.plan.plan import Plan
from strongroom.plan.record import Record

TEXTS_BELOW = frozenset({"text", "rules", "creation_statements", "revocation_statements", "renew_statements"})
"""Fields too long for a table; `--json` has them."""


def plan_table(plan: Plan) -> None:
    """One line for each record: what it is, its name, who applies it, and its settings."""
    table = Table("what", "name", "slice", "settings", title=f"{plan.environment} ({plan.slice})", title_justify="left", box=None)
    for record in plan.records:
        table.add_row(record.kind, record.key, record.slice, _settings(record))
    console = Console(soft_wrap=False)
    console.print(table)
    console.print(f"{len(plan.records)} records; `--json` shows policy texts and statements.", highlight=False)


def _settings(record: Record) -> str:
    shown = []
    for name, value in record.as_json().items():
        if name in TEXTS_BELOW or name in ("kind", "slice", "name", "team") or value in (None, [], ""):
            continue
        if isinstance(value, list):
            value = ", ".join("=".join(item) if isinstance(item, list) else str(item) for item in value)  # noqa: PLW2901
        shown.append(f"{name} {value}")
    return "; ".join(shown)
