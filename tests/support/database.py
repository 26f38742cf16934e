"""Roles of the sandbox's PostgreSQL for tests, so that no test takes away another one's password."""

import secrets

from psycopg import sql

from strongroom_sandbox import Sandbox


def database_admin(sandbox: Sandbox, name: str) -> tuple[str, str]:
    """Make a role that may manage other roles; returns its name and password."""
    password = secrets.token_urlsafe(24)
    with sandbox.postgres.superuser() as connection:
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
        )
    return name, password
