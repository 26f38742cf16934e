"""What people write about databases: connections (platform team) and the access a secret gives (product team)."""

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.spec.model import Model, OneOf, StrictInt
from strongroom.spec.names import (
    Duration,
    Host,
    MountPath,
    Name,
    Port,
    SqlIdentifier,
    duration,
    is_loopback,
    refuse,
)
from strongroom.spec.value_source import ValueSource

STATEMENT_PLACEHOLDERS = frozenset({"name", "username", "password", "expiration"})
"""What Vault fills into a statement: "PostgreSQL database secrets engine", parameters of a role."""


def _check_statement(text: str) -> str:
    if not text.strip() or "\0" in text or len(text) > 4096:
        raise refuse("a statement needs 1 to 4096 characters and no NUL")
    for name in re.findall(r"{{(.*?)}}", text):
        if name not in STATEMENT_PLACEHOLDERS:
            raise refuse(
                "a statement has a placeholder that the server does not fill",
                "it fills " + ", ".join("{{" + known + "}}" for known in sorted(STATEMENT_PLACEHOLDERS)),
            )
    return text


Statement = Annotated[str, AfterValidator(_check_statement)]


class Postgresql(Model):
    """A PostgreSQL server that credentials are issued for."""

    host: Host
    """DNS name or IP address, as seen from the Vault server."""
    port: Port = 5432
    """TCP port."""
    database: SqlIdentifier
    """The database to connect to."""
    username: SqlIdentifier
    """The role that creates and drops the short-lived roles; it needs CREATEROLE, not SUPERUSER."""
    first_password: ValueSource
    """Its password at the time of the first `up`. It is rotated away right after; nobody knows the next one."""
    tls: Literal["verify-full", "verify-ca", "disable"] = "verify-full"
    """How the connection is secured (`sslmode`). `disable` is accepted for a loopback host only."""
    max_open_connections: Annotated[StrictInt, Field(ge=1, le=1000)] = 4
    """How many connections Vault holds at most."""

    @model_validator(mode="after")
    def _encrypted_in_transit(self) -> Self:
        if self.tls == "disable" and not is_loopback(self.host):
            raise refuse(f"tls is disabled for {self.host}, which is not this machine", "use verify-full")
        return self


class Connection(OneOf):
    """A database that credentials are issued for; exactly one kind."""

    what: ClassVar[str] = "database"

    postgresql: Postgresql | None = None
    """PostgreSQL."""


class DatabaseEngine(Model):
    """The database secrets engine of an environment."""

    mount: MountPath | None = None
    """Where it is mounted. Default: `database-<environment>`."""
    connections: dict[Name, Connection] = Field(min_length=1)
    """The databases by the name that catalogs use."""


class Statements(Model):
    """Statements written by hand, for what the templates do not cover. One SQL statement an item."""

    creation: tuple[Statement, ...] = Field(min_length=1)
    """Make the role `{{name}}` with `{{password}}`, valid until `{{expiration}}`."""
    revocation: tuple[Statement, ...] = Field(min_length=1)
    """Remove `{{name}}` and all it owns. Required: what is not revoked stays."""
    renewal: tuple[Statement, ...] = ()
    """Move the expiry of `{{name}}` to `{{expiration}}`. Default: the template's statement."""


class DatabaseAccess(Model):
    """Short-lived credentials: each read makes a new role in the database, dropped when its lease ends."""

    connection: Name
    """The connection, as the environment file names it."""
    access: Literal["readonly", "readwrite", "owner"] | None = None
    """What the role may do in the schema: read rows; also write them; or also create objects, and alter and drop those
    it made. What it made stays, and belongs to the connection's own role afterwards."""
    db_schema: Annotated[SqlIdentifier, Field(alias="schema")] = "public"
    """The schema that `access` speaks of."""
    statements: Statements | None = None
    """Instead of `access`."""
    default_ttl: Duration = 3600
    """Lifetime of the credentials, unless renewed."""
    max_ttl: Duration = 86400
    """Lifetime at most, renewals included."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.access is None) == (self.statements is None):
            raise refuse("name exactly one of access and statements")
        if self.default_ttl > self.max_ttl:
            raise refuse(
                f"default_ttl {duration(self.default_ttl)} is longer than max_ttl {duration(self.max_ttl)}",
                "the server would cut it silently; lower default_ttl or raise max_ttl",
            )
        return self
