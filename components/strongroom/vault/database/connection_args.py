"""What each kind of connection takes. The provider's own names, without what would weaken a connection."""

from typing import NotRequired, TypedDict

import pulumi


class VaultDatabaseLoginArgs(TypedDict):
    """The login that the server has in a database, and who may use it."""

    username: pulumi.Input[str]
    """The login that makes and removes the short-lived ones."""
    first_password: NotRequired[pulumi.Input[str]]
    """Its password until the first `up`, which rotates it away. May be absent afterwards."""
    allowed_roles: pulumi.Input[list[str]]
    """The roles that may use this connection, by exact name."""
    password_policy: NotRequired[pulumi.Input[str]]
    """The password policy's name on the server. Default: the server's own, 20 characters."""
    verify_connection: NotRequired[bool]
    """Whether the login is tried at once. Without that the first password stays in force. Default true."""


class VaultPooledConnectionArgs(VaultDatabaseLoginArgs):
    """A connection that is kept open."""

    connection_url: pulumi.Input[str]
    """With `{{username}}` and `{{password}}` in the place of both."""
    username_template: NotRequired[pulumi.Input[str]]
    """How the names of issued logins are made. Default: the plugin's own."""
    max_open_connections: NotRequired[pulumi.Input[int]]
    """Default 4."""
    max_idle_connections: NotRequired[pulumi.Input[int]]
    """Default: as many as are open."""
    max_connection_lifetime: NotRequired[pulumi.Input[int]]
    """Seconds. Default: no limit."""


class VaultPostgresqlConnectionArgs(VaultPooledConnectionArgs):
    """How the server reaches one PostgreSQL database."""

    password_authentication: NotRequired[pulumi.Input[str]]
    """`scram-sha-256` (the default) hashes a password before it is sent; `password` does not."""


class VaultRedshiftConnectionArgs(VaultPooledConnectionArgs):
    """How the server reaches one Redshift database."""


class VaultMysqlConnectionArgs(VaultPooledConnectionArgs):
    """How the server reaches one MySQL server. Aurora, RDS and MySQL before 5.7.8 take the same."""

    tls_ca: NotRequired[pulumi.Input[str]]
    """The certificate authority, PEM."""


class VaultMongodbConnectionArgs(VaultPooledConnectionArgs):
    """How the server reaches one MongoDB server."""

    tls_ca: NotRequired[pulumi.Input[str]]
    """The certificate authority, PEM."""


class VaultElasticsearchConnectionArgs(VaultDatabaseLoginArgs):
    """How the server reaches one Elasticsearch cluster."""

    url: pulumi.Input[str]
    """`https://HOST:PORT`."""
    ca_cert: NotRequired[pulumi.Input[str]]
    """The certificate authority, as a path on the server."""
    username_template: NotRequired[pulumi.Input[str]]
    """How the names of issued logins are made. Default: the plugin's own."""


class VaultCassandraConnectionArgs(VaultDatabaseLoginArgs):
    """How the server reaches one Cassandra cluster."""

    hosts: pulumi.Input[list[str]]
    """Some of its nodes."""
    port: NotRequired[pulumi.Input[int]]
    """Default 9042."""
    tls: NotRequired[pulumi.Input[bool]]
    """Default true."""
    pem_json: NotRequired[pulumi.Input[str]]
    """`{"issuing_ca": PEM}`."""
    protocol_version: NotRequired[pulumi.Input[int]]
    """Of CQL."""
    username_template: NotRequired[pulumi.Input[str]]
    """How the names of issued logins are made. Default: the plugin's own."""


class VaultRedisConnectionArgs(VaultDatabaseLoginArgs):
    """How the server reaches one Redis or Valkey server."""

    host: pulumi.Input[str]
    """DNS name or IP address."""
    port: NotRequired[pulumi.Input[int]]
    """Default 6379."""
    tls: NotRequired[pulumi.Input[bool]]
    """Default true, which is not the provider's."""
    ca_cert: NotRequired[pulumi.Input[str]]
    """The certificate authority, PEM."""
