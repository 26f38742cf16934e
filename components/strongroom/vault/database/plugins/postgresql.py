"""PostgreSQL, and Amazon Redshift, which speaks its protocol."""

from typing import ClassVar, Literal

from strongroom.spec.names import Host, Port, SqlIdentifier
from strongroom.vault.database.plugins.server import Language, NamedUsers, Pooled, Server, Settings, netloc


def _url(server: "Postgresql | Redshift") -> str:
    """With the server's own placeholders for name and password, so that neither is part of it."""
    place = f"{netloc(server.host, server.port)}/{server.database}"
    return f"postgresql://{{{{username}}}}:{{{{password}}}}@{place}?sslmode={server.tls}"


class Postgresql(Server, NamedUsers, Pooled):
    """A PostgreSQL server that credentials are issued for."""

    language: ClassVar[Language] = "postgresql"
    username_longest: ClassVar[int] = 63

    host: Host
    """DNS name or IP address, as seen from the Vault server."""
    port: Port = 5432
    """TCP port."""
    database: SqlIdentifier
    """The database to connect to."""
    username: SqlIdentifier
    """The role that creates and drops the short-lived roles; it needs CREATEROLE, not SUPERUSER."""
    tls: Literal["verify-full", "verify-ca", "disable"] = "verify-full"
    """How the connection is secured (`sslmode`). `disable` is accepted for a loopback host only."""

    @property
    def plugin(self) -> str:
        return "postgresql-database-plugin"

    @property
    def block(self) -> str:
        return "postgresql"

    @property
    def settings(self) -> Settings:
        return (
            ("connection_url", _url(self)),
            # The server hashes before it sends, so that no password stands in the database's own log.
            ("password_authentication", "scram-sha-256"),
            *self.pool,
            *self.naming,
        )


class Redshift(Server, NamedUsers, Pooled):
    """An Amazon Redshift cluster that credentials are issued for."""

    language: ClassVar[Language] = "redshift"
    username_longest: ClassVar[int] = 63

    host: Host
    """DNS name or IP address, as seen from the Vault server."""
    port: Port = 5439
    """TCP port."""
    database: SqlIdentifier
    """The database to connect to."""
    username: SqlIdentifier
    """The user that creates and drops the short-lived users. Redshift lets only a superuser do that."""
    tls: Literal["verify-full", "verify-ca", "disable"] = "verify-full"
    """How the connection is secured (`sslmode`). `disable` is accepted for a loopback host only."""

    @property
    def plugin(self) -> str:
        return "redshift-database-plugin"

    @property
    def block(self) -> str:
        return "redshift"

    @property
    def settings(self) -> Settings:
        return (("connection_url", _url(self)), *self.pool, *self.naming)
