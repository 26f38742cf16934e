"""What people write about databases: connections (platform team) and the access a secret gives (product team)."""

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.spec.model import Model, OneOf
from strongroom.spec.names import Duration, MountPath, Name, SqlIdentifier, duration, refuse
from strongroom.vault.database.plugins.cassandra import Cassandra
from strongroom.vault.database.plugins.elasticsearch import Elasticsearch
from strongroom.vault.database.plugins.mongodb import Mongodb
from strongroom.vault.database.plugins.mysql import Mysql
from strongroom.vault.database.plugins.postgresql import Postgresql, Redshift
from strongroom.vault.database.plugins.redis import Redis, Valkey
from strongroom.vault.database.plugins.server import LoginName, Server
from strongroom.vault.database.schedule import CronSchedule
from strongroom.vault.profile import Needs

STATEMENT_PLACEHOLDERS = frozenset({"name", "username", "password", "expiration"})
"""What Vault fills into a statement: "PostgreSQL database secrets engine", parameters of a role."""
ROTATION_PERIOD_LEAST_SECONDS = 5
"""The servers look for passwords to rotate every five seconds: "Database", static roles, rotation_period."""
ROTATION_WINDOW_LEAST_SECONDS = 3600
"""The same page, rotation_window."""


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


class Connection(OneOf):
    """A database that credentials are issued for; exactly one kind."""

    what: ClassVar[str] = "database"

    postgresql: Annotated[Postgresql | None, Needs("database.postgresql")] = None
    """PostgreSQL."""
    mysql: Annotated[Mysql | None, Needs("database.mysql")] = None
    """MySQL or MariaDB, also as Amazon Aurora or RDS."""
    mongodb: Annotated[Mongodb | None, Needs("database.mongodb")] = None
    """MongoDB. Vault only."""
    redshift: Annotated[Redshift | None, Needs("database.redshift")] = None
    """Amazon Redshift. Vault only."""
    elasticsearch: Annotated[Elasticsearch | None, Needs("database.elasticsearch")] = None
    """Elasticsearch. Vault only."""
    cassandra: Annotated[Cassandra | None, Needs("database.cassandra")] = None
    """Apache Cassandra."""
    redis: Annotated[Redis | None, Needs("database.redis")] = None
    """Redis."""
    valkey: Annotated[Valkey | None, Needs("database.valkey")] = None
    """Valkey. OpenBao only."""

    @property
    def server(self) -> Server:
        """What stands under the one key."""
        server: Server = self.value
        return server


class DatabaseEngine(Model):
    """The database secrets engine of an environment."""

    mount: MountPath | None = None
    """Where it is mounted. Default: `database-<environment>`."""
    connections: dict[Name, Connection] = Field(min_length=1)
    """The databases by the name that catalogs use."""


class Statements(Model):
    """Statements written by hand, for what the templates do not cover: one statement an item, in the language that the
    connection's plugin takes. They are checked for privileges that no login may have."""

    creation: tuple[Statement, ...] = Field(min_length=1)
    """Make the login `{{name}}` with `{{password}}`, valid until `{{expiration}}`."""
    revocation: tuple[Statement, ...] = ()
    """Remove `{{name}}` and all it owns. Required where the plugin does not know how: what is not revoked stays."""
    renewal: tuple[Statement, ...] = ()
    """Move the expiry of `{{name}}` to `{{expiration}}`. Default: the template's statement, where there is one."""


class DatabaseAccess(Model):
    """Short-lived credentials: each read makes a new login in the database, dropped when its lease ends."""

    connection: Name
    """The connection, as the environment file names it."""
    access: Literal["readonly", "readwrite", "owner"] | None = None
    """What the login may do in the schema: read rows; also write them; or also create, alter and drop objects. In
    PostgreSQL what an owner makes belongs to a group, `<connection's username>.<database>.<schema>.owner`, that all
    owners are members of, so that a later one can alter it."""
    db_schema: Annotated[SqlIdentifier | None, Field(alias="schema")] = None
    """What `access` speaks of: a schema in PostgreSQL and Redshift (default `public`), a database in MySQL and MongoDB,
    a keyspace in Cassandra."""
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


class DatabaseStaticRole(Model):
    """A login that exists in the database and stays, and whose password the server changes: for what cannot take a new
    name each time. The password is changed as soon as this is deployed."""

    connection: Name
    """The connection, as the environment file names it."""
    username: LoginName
    """The login in the database. It must be none that the server itself logs in with. In PostgreSQL 16 and later the
    connection's role needs the ADMIN option on it."""
    rotation_period: Duration | None = None
    """How long a password is valid, at least `5s`; counted from the last change. This, or `rotation_schedule`."""
    rotation_schedule: Annotated[CronSchedule | None, Needs("database.rotation_schedule")] = None
    """When the password is changed, as in cron and in UTC: `0 3 * * SAT`. Vault only."""
    rotation_window: Duration | None = None
    """How long after a scheduled time a change may still begin, at least `1h`; later it waits for the next time.
    Default: no limit."""
    rotation_statements: tuple[Statement, ...] = ()
    """Change the password of `{{name}}` to `{{password}}`. Default: the plugin's own."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.rotation_period is None) == (self.rotation_schedule is None):
            raise refuse("name exactly one of rotation_period and rotation_schedule")
        if (self.rotation_period or ROTATION_PERIOD_LEAST_SECONDS) < ROTATION_PERIOD_LEAST_SECONDS:
            raise refuse("rotation_period is shorter than 5s", "the servers look every five seconds; write at least 5s")
        if self.rotation_window is not None:
            if self.rotation_schedule is None:
                raise refuse("rotation_window has no meaning without rotation_schedule", "leave it out")
            if self.rotation_window < ROTATION_WINDOW_LEAST_SECONDS:
                raise refuse("rotation_window is shorter than 1h", "write at least 1h")
        return self
