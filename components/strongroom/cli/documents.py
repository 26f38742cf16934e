"""Policy documents of AWS for people: a line for what each statement allows, one for where, one for when."""

import json
import textwrap
from collections.abc import Iterator
from typing import Any, Final

WIDTH: Final = 110


def is_document(value: object) -> bool:
    """Whether a setting is such a document, or several."""
    return (isinstance(value, str) and value.startswith('{"Version"')) or (
        isinstance(value, list) and bool(value) and all(isinstance(item, str) and is_document(item) for item in value)
    )


def document_lines(name: str, value: Any, indent: str) -> Iterator[str]:
    """The lines of one setting of that kind."""
    for number, text in enumerate(value if isinstance(value, list) else [value], start=1):
        yield f"{indent}{name} {number}" if isinstance(value, list) and len(value) > 1 else f"{indent}{name}"
        statements = json.loads(text)["Statement"]
        for statement in statements if isinstance(statements, list) else [statements]:
            yield from _statement(statement, f"{indent}  ")


def _statement(statement: dict[str, Any], indent: str) -> Iterator[str]:
    effect = str(statement["Effect"]).lower()
    actions = _listed(statement.get("Action")) or f"all but {_listed(statement.get('NotAction'))}"
    yield from _wrapped(f"{effect} {actions}", indent)
    for key, word in (("Principal", "to"), ("NotPrincipal", "to all but")):
        if key in statement:
            yield from (f"{indent}  {word} {who}" for who in _principals(statement[key]))
    for key, word in (("Resource", "on"), ("NotResource", "on all but")):
        if key in statement and statement[key] != "*":
            yield from (f"{indent}  {word} {what}" for what in _items(statement[key]))
    for operator, conditions in statement.get("Condition", {}).items():
        for key, values in conditions.items():
            yield f"{indent}  if {key} {operator} {_listed(values)}"


def _principals(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [f"{kind} {who}" for kind in value for who in _items(value[kind])]


def _items(value: Any) -> list[str]:
    """One thing or several, each in a line of its own and whole, so that it can be copied."""
    return list(map(str, value)) if isinstance(value, list) else [str(value)]


def _listed(value: Any) -> str:
    return ", ".join(_items(value)) if value else ""


def _wrapped(text: str, indent: str) -> list[str]:
    following = f"{indent}  "
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=following, break_on_hyphens=False)
