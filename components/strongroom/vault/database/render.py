"""The texts of the database engine: connection URLs and the statements of a role."""

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
    """One statement a line: the server splits at `;` itself, and a list leaves it nothing to split."""
    text = render("strongroom.vault.database", f"{name}.sql", schema=schema)
    return tuple(line for line in text.splitlines() if line and not line.startswith("--"))
