"""What each kind of connection takes. The provider's own names, without what would weaken a connection.

Each says all it takes: a component package describes inherited arguments to nobody.
"""

from typing import NotRequired, TypedDict

import pulumi


class VaultPostgresqlConnectionArgs(TypedDict):
    """How the server reaches one PostgreSQL database."""

    connection_url: pulumi.Input[str]
    """With `{{username}}` and `{{password}}` in the place of both."""
    username: pulumi.Input[str]
    """The login that makes and removes the short-lived ones."""
    first_password: NotRequired[pulumi.Input[str]]
    """Its password until the first `up`, which rotates it away. May be absent afterwards."""
    allowed_roles: pulumi.Input[list[str]]
    """The roles that may use this connection, by exact name."""
    password_policy: NotRequired[pulumi.Input[str]]
    """The password policy's name on the server. Default: the server's own way, 20 characters."""
    verify_connection: NotRequired[bool]
    """Whether the login is tried at once. Without that the first password stays in force. Default true."""
    username_template: NotRequired[pulumi.Input[str]]
    """How the names of issued logins are made. Default: the plugin's own."""
    max_open_connections: NotRequired[pulumi.Input[int]]
    """Default 4."""
    max_idle_connections: NotRequired[pulumi.Input[int]]
    """Default: as many as are open."""
    max_connection_lifetime: NotRequired[pulumi.Input[int]]
    """Seconds. Default: no limit."""
    password_authentication: NotRequired[pulumi.Input[str]]
    """`scram-sha-256` (the default) hashes a password before it is sent; `password` does not."""


class VaultRedshiftConnectionArgs(TypedDict):
    """How the server reaches one Redshift database."""

    connection_url: pulumi.Input[str]
    """With `{{username}}` and `{{password}}` in the place of both."""
    username: pulumi.Input[str]
    """The login that makes and removes the short-lived ones."""
    first_password: NotRequired[pulumi.Input[str]]
    """Its password until the first `up`, which rotates it away. May be absent afterwards."""
    allowed_roles: pulumi.Input[list[str]]
    """The roles that may use this connection, by exact name."""
    password_policy: NotRequired[pulumi.Input[str]]
    """The password policy's name on the server. Default: the server's own way, 20 characters."""
    verify_connection: NotRequired[bool]
    """Whether the login is tried at once. Without that the first password stays in force. Default true."""
    username_template: NotRequired[pulumi.Input[str]]
    """How the names of issued logins are made. Default: the plugin's own."""
    max_open_connections: NotRequired[pulumi.Input[int]]
    """Default 4."""
    max_idle_connections: NotRequired[pulumi.Input[int]]
    """Default: as many as are open."""
    max_connection_lifetime: NotRequired[pulumi.Input[int]]
    """Seconds. Default: no limit."""


class VaultMysqlConnectionArgs(TypedDict):
    """How the server reaches one MySQL server. Aurora, RDS and MySQL before 5.7.8 take the same."""

    connection_url: pulumi.Input[str]
    """With `{{username}}` and `{{password}}` in the place of both."""
    username: pulumi.Input[str]
    """The login that makes and removes the short-lived ones."""
    first_password: NotRequired[pulumi.Input[str]]
    """Its password until the first `up`, which rotates it away. May be absent afterwards."""
    allowed_roles: pulumi.Input[list[str]]
    """The roles that may use this connection, by exact name."""
    password_policy: NotRequired[pulumi.Input[str]]
    """The password policy's name on the server. Default: the server's own way, 20 characters."""
    verify_connection: NotRequired[bool]
    """Whether the login is tried at once. Without that the first password stays in force. Default true."""
    username_template: NotRequired[pulumi.Input[str]]
    """How the names of issued logins are made. Default: the plugin's own."""
    max_open_connections: NotRequired[pulumi.Input[int]]
    """Default 4."""
    max_idle_connections: NotRequired[pulumi.Input[int]]
    """Default: as many as are open."""
    max_connection_lifetime: NotRequired[pulumi.Input[int]]
    """Seconds. Default: no limit."""
    tls_ca: NotRequired[pulumi.Input[str]]
    """The certificate authority, PEM."""


class VaultMongodbConnectionArgs(TypedDict):
    """How the server reaches one MongoDB server."""

    connection_url: pulumi.Input[str]
    """With `{{username}}` and `{{password}}` in the place of both."""
    username: pulumi.Input[str]
    """The login that makes and removes the short-lived ones."""
    first_password: NotRequired[pulumi.Input[str]]
    """Its password until the first `up`, which rotates it away. May be absent afterwards."""
    allowed_roles: pulumi.Input[list[str]]
    """The roles that may use this connection, by exact name."""
    password_policy: NotRequired[pulumi.Input[str]]
    """The password policy's name on the server. Default: the server's own way, 20 characters."""
    verify_connection: NotRequired[bool]
    """Whether the login is tried at once. Without that the first password stays in force. Default true."""
    username_template: NotRequired[pulumi.Input[str]]
    """How the names of issued logins are made. Default: the plugin's own."""
    max_open_connections: NotRequired[pulumi.Input[int]]
    """Default 4."""
    max_idle_connections: NotRequired[pulumi.Input[int]]
    """Default: as many as are open."""
    max_connection_lifetime: NotRequired[pulumi.Input[int]]
    """Seconds. Default: no limit."""
    tls_ca: NotRequired[pulumi.Input[str]]
    """The certificate authority, PEM."""


class VaultElasticsearchConnectionArgs(TypedDict):
    """How the server reaches one Elasticsearch cluster."""

    url: pulumi.Input[str]
    """`https://HOST:PORT`."""
    username: pulumi.Input[str]
    """The login that makes and removes the short-lived ones."""
    first_password: NotRequired[pulumi.Input[str]]
    """Its password until the first `up`, which rotates it away. May be absent afterwards."""
    allowed_roles: pulumi.Input[list[str]]
    """The roles that may use this connection, by exact name."""
    password_policy: NotRequired[pulumi.Input[str]]
    """The password policy's name on the server. Default: the server's own way, 20 characters."""
    verify_connection: NotRequired[bool]
    """Whether the login is tried at once. Without that the first password stays in force. Default true."""
    username_template: NotRequired[pulumi.Input[str]]
    """How the names of issued logins are made. Default: the plugin's own."""
    ca_cert: NotRequired[pulumi.Input[str]]
    """The certificate authority, as a path on the server."""


class VaultCassandraConnectionArgs(TypedDict):
    """How the server reaches one Cassandra cluster."""

    hosts: pulumi.Input[list[str]]
    """Some of its nodes."""
    username: pulumi.Input[str]
    """The login that makes and removes the short-lived ones."""
    first_password: NotRequired[pulumi.Input[str]]
    """Its password until the first `up`, which rotates it away. May be absent afterwards."""
    allowed_roles: pulumi.Input[list[str]]
    """The roles that may use this connection, by exact name."""
    password_policy: NotRequired[pulumi.Input[str]]
    """The password policy's name on the server. Default: the server's own way, 20 characters."""
    verify_connection: NotRequired[bool]
    """Whether the login is tried at once. Without that the first password stays in force. Default true."""
    username_template: NotRequired[pulumi.Input[str]]
    """How the names of issued logins are made. Default: the plugin's own."""
    port: NotRequired[pulumi.Input[int]]
    """Default 9042."""
    tls: NotRequired[pulumi.Input[bool]]
    """Default true."""
    pem_json: NotRequired[pulumi.Input[str]]
    """`{"issuing_ca": PEM}`."""
    protocol_version: NotRequired[pulumi.Input[int]]
    """Of CQL."""


class VaultRedisConnectionArgs(TypedDict):
    """How the server reaches one Redis or Valkey server."""

    host: pulumi.Input[str]
    """DNS name or IP address."""
    username: pulumi.Input[str]
    """The login that makes and removes the short-lived ones."""
    first_password: NotRequired[pulumi.Input[str]]
    """Its password until the first `up`, which rotates it away. May be absent afterwards."""
    allowed_roles: pulumi.Input[list[str]]
    """The roles that may use this connection, by exact name."""
    password_policy: NotRequired[pulumi.Input[str]]
    """The password policy's name on the server. Default: the server's own way, 20 characters."""
    verify_connection: NotRequired[bool]
    """Whether the login is tried at once. Without that the first password stays in force. Default true."""
    port: NotRequired[pulumi.Input[int]]
    """Default 6379."""
    tls: NotRequired[pulumi.Input[bool]]
    """Default true, which is not the provider's."""
    ca_cert: NotRequired[pulumi.Input[str]]
    """The certificate authority, PEM. Needed with TLS."""
