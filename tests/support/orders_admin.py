"""A twin of the sandbox's `vault_admin` for tests, so that none takes away another one's password."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from strongroom_sandbox import Sandbox

# As in the sandbox's orders.sql.
_MAY = (
    "CREATE ROLE {0} LOGIN CREATEROLE",
    "GRANT CONNECT ON DATABASE orders TO {0} WITH GRANT OPTION",
    "GRANT USAGE, CREATE ON SCHEMA public TO {0} WITH GRANT OPTION",
    "GRANT ALL ON ALL TABLES IN SCHEMA public TO {0} WITH GRANT OPTION",
    "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {0} WITH GRANT OPTION",
)


@dataclass(frozen=True)
class OrdersAdmin:
    """A role with CREATEROLE that is no superuser, and may pass on what it may do with the `orders` database."""

    sandbox: Sandbox
    name: str
    password: str

    def connect(self, user: str, password: str) -> psycopg.Connection:
        """A connection as any role, over TCP and with a password, as OpenBao and workloads make it."""
        host, port = self.sandbox.postgres.host, self.sandbox.postgres.port()
        return psycopg.connect(host=host, port=port, dbname="orders", user=user, password=password, connect_timeout=5)

    def run(self, statements: Iterable[str], **placeholders: str) -> None:
        """Does with statements what OpenBao does: fills them in and runs them in one transaction."""
        with self.connect(self.name, self.password) as connection:
            for statement in statements:
                filled = re.sub(r"{{(\w+)}}", lambda found: placeholders[found[1]], statement)
                connection.execute(filled.encode())


@contextmanager
def orders_admin(sandbox: Sandbox) -> Iterator[OrdersAdmin]:
    """Makes the role, and drops it with all it owns and the groups that it made."""
    admin = OrdersAdmin(sandbox, f"admin_{secrets.token_hex(4)}", secrets.token_urlsafe(16))
    with sandbox.postgres.superuser() as connection:
        for statement in _MAY:
            connection.execute(sql.SQL(statement).format(sql.Identifier(admin.name)))
        literal = sql.Literal(admin.password)
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(admin.name), literal))
    yield admin
    with sandbox.postgres.superuser() as connection:
        groups = connection.execute("SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [f"{admin.name}."])
        # Its own first: what the groups of owners may do, they have from it.
        roles = [sql.Identifier(name) for name in (admin.name, *(name for (name,) in groups.fetchall()))]
        for statement in ("DROP OWNED BY {} CASCADE", "DROP ROLE {}"):
            for role in roles:
                connection.execute(sql.SQL(statement).format(role))
