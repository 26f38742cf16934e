"""The statements of a role: from the templates of its database's language, or as written by hand."""

import hashlib
import json
import re
from functools import cache
from typing import Final, NamedTuple

from strongroom.templating import render
from strongroom.vault.database.plugins.server import Language, Server
from strongroom.vault.database.spec import DatabaseAccess

ACCESS: Final[dict[Language, tuple[str, ...]]] = {
    "postgresql": ("readonly", "readwrite", "owner"),
    "redshift": ("readonly", "readwrite"),
    "mysql": ("readonly", "readwrite", "owner"),
    "cassandra": ("readonly", "readwrite", "owner"),
    "mongodb": ("readonly", "readwrite", "owner"),
}
"""What `access` can be, by language. Redis and Elasticsearch have no schema that it could speak of; what an owner
makes in Redshift would keep its login from being dropped."""
DEFAULT_SCHEMA: Final[dict[Language, str]] = {"postgresql": "public", "redshift": "public"}
_THE_PLUGINS_OWN: Final = {
    (language, name)
    for language, names in {
        "redshift": ("revocation",),  # it takes back every privilege first, table by table
        "mysql": ("renewal",),  # a login there has no expiry of its own
        "cassandra": ("renewal",),
        "mongodb": ("revocation", "renewal"),
        "redis": ("revocation", "renewal"),
        "elasticsearch": ("revocation", "renewal"),
    }.items()
    for name in names
}
"""Where a plugin needs no statement of ours."""
_MONGODB_ROLES: Final = {"readonly": ("read",), "readwrite": ("readWrite",), "owner": ("readWrite", "dbAdmin")}
_IDENTIFIER_LONGEST: Final = 63
"""Bytes: PostgreSQL, "Identifiers and Key Words"."""


class StatementTexts(NamedTuple):
    """What the server runs to make, extend and drop a login; one statement an item. An empty list: the plugin's own."""

    creation: tuple[str, ...]
    revocation: tuple[str, ...]
    renewal: tuple[str, ...]


def statements(access: DatabaseAccess, server: Server) -> StatementTexts:
    """The texts of one role on one server. The two fit together (see `references`)."""
    language = server.language
    schema = access.db_schema or DEFAULT_SCHEMA.get(language, "")
    revocation, renewal = (_template(language, name, schema) for name in ("revocation", "renewal"))
    if by_hand := access.statements:
        return StatementTexts(by_hand.creation, by_hand.revocation, by_hand.renewal or renewal)
    assert access.access
    if language == "mongodb":
        roles = [{"role": role, "db": schema} for role in _MONGODB_ROLES[access.access]]
        return StatementTexts((json.dumps({"db": "admin", "roles": roles}),), revocation, renewal)
    owners = owners_of(server, schema) if access.access == "owner" else ""
    creation, revocation = (_template(language, name, schema, owners) for name in (access.access, "revocation"))
    return StatementTexts(creation, revocation, renewal)


def owners_of(server: Server, schema: str) -> str:
    """The group that what owners make belongs to, in PostgreSQL. Roles are shared by all databases of a server, and
    only who made a group may add to it, so the name says whose it is; one that would be too long ends in its hash."""
    name = ".".join((server.username, getattr(server, "database", ""), schema, "owner"))
    if len(name) <= _IDENTIFIER_LONGEST:
        return name
    return f"{name[: _IDENTIFIER_LONGEST - 17]}.{hashlib.sha256(name.encode()).hexdigest()[:16]}"


@cache
def _template(language: Language, name: str, schema: str, owners: str = "") -> tuple[str, ...]:
    """One statement an item. In a template each begins a line, and its further lines are indented.

    The server splits an item at `;`, unless it is a block in `$$`: Vault and OpenBao, "PostgreSQL database secrets
    engine", creation_statements.
    """
    if (language, name) in _THE_PLUGINS_OWN:
        return ()
    text = render("strongroom.vault.database", f"{language}/{name}.sql", schema=schema, owners=owners)
    return tuple(part for part in re.split(r"\n(?! )", text) if part and not part.startswith("--"))
