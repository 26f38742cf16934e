"""The texts of the database engine: connection URLs and the statements of a role."""

import re
from functools import cache
from typing import NamedTuple

from strongroom.templating import render
from strongroom.vault.database.spec import DatabaseAccess, Postgresql


class StatementTexts(NamedTuple):
    """What the server runs to make, extend and drop a role; one statement an item."""

    creation: tuple[str, ...]
    revocation: tuple[str, ...]
    renewal: tuple[str, ...]


def connection_url(postgresql: Postgresql) -> str:
    """The URL with the server's own placeholders for name and password, so that neither is part of it."""
    host = f"[{postgresql.host.strip('[]')}]" if ":" in postgresql.host else postgresql.host
    return (
        f"postgresql://{{{{username}}}}:{{{{password}}}}@{host}:{postgresql.port}/{postgresql.database}"
        f"?sslmode={postgresql.tls}"
    )


def statements(access: DatabaseAccess) -> StatementTexts:
    """From the templates, or as written by hand."""
    schema = access.db_schema
    if by_hand := access.statements:
        return StatementTexts(by_hand.creation, by_hand.revocation, by_hand.renewal or _template("renewal", schema))
    return StatementTexts(*(_template(name, schema) for name in (access.access or "", "revocation", "renewal")))


@cache
def _template(name: str, schema: str) -> tuple[str, ...]:
    """One statement an item. In a template each begins a line, and its further lines are indented.

    The server splits an item at `;`, unless it is a block in `$$`: Vault and OpenBao, "PostgreSQL database secrets
    engine", creation_statements.
    """
    text = render("strongroom.vault.database", f"{name}.sql", schema=schema)
    return tuple(part for part in re.split(r"\n(?! )", text) if part and not part.startswith("--"))
