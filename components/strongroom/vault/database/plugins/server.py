"""What every database server has that credentials are issued for, whatever its kind."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from strongroom.spec.model import Model, StrictBool, StrictInt
from strongroom.spec.names import Duration, Host, Name, is_loopback, refuse
from strongroom.spec.value_source import ValueSource
from strongroom.vault.database.username_template import UsernameTemplate, longest

Language = Literal["postgresql", "redshift", "mysql", "cassandra", "mongodb", "elasticsearch", "redis"]
"""What the statements of a role are written in."""

Setting = str | int | bool | tuple[str, ...]
Settings = tuple[tuple[str, Setting], ...]
"""What a plugin is told, by the names of the server's API; without the login."""

LoginName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,62}$")]
"""A database's name of a login, so plain that it needs no escaping in a URL."""


def netloc(host: str, port: int) -> str:
    """`host:port`, with brackets around an IPv6 address."""
    return f"[{host.strip('[]')}]:{port}" if ":" in host else f"{host}:{port}"


class Server(Model):
    """A server, and the login that the Vault server has there."""

    language: ClassVar[Language]
    username_longest: ClassVar[int] = 0
    """Characters that a login's name may have in this database; 0: names cannot be chosen."""

    username: LoginName
    """The login of the Vault server, which makes and removes the short-lived ones."""
    first_password: ValueSource
    """The login's password at the time of the first `up`. It is rotated away right after; nobody knows the next one."""
    password_policy: Name | None = None
    """How passwords are made: one of the environment's `password_policies`. Default: the server's own way, 20
    characters."""
    verify_connection: StrictBool = True
    """Whether the login is tried when the connection is written. `false` is for a database that does not exist yet: the
    first password then stays in force until this is true."""

    @property
    def plugin(self) -> str:
        """The server's plugin."""
        raise NotImplementedError

    @property
    def block(self) -> str:
        """The name that the provider has for the plugin; empty: it has none."""
        raise NotImplementedError

    @property
    def settings(self) -> Settings:
        """What the plugin is told beside the login."""
        raise NotImplementedError

    @property
    def hosts_reached(self) -> tuple[str, ...]:
        """The hosts that the Vault server connects to."""
        return (str(getattr(self, "host", "")),)

    @model_validator(mode="after")
    def _encrypted_in_transit(self) -> Self:
        if getattr(self, "tls", "") == "disable":
            for host in self.hosts_reached:
                if not is_loopback(host):
                    raise refuse(f"tls is disabled for {host}, which is not this machine", "use verify-full")
        return self


class NamedUsers(Model):
    """For plugins that let the names of issued logins be chosen."""

    username_template: UsernameTemplate | None = None
    """How the names of issued logins are made, for example `{{.RoleName | truncate 20}}-{{random 20}}`. Default: the
    plugin's own, which begins with `v-` and the display name of who asked."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        limit = getattr(self, "username_longest", 0)
        if self.username_template and limit and longest(self.username_template) > limit:
            raise refuse(
                f"username_template makes names of up to {longest(self.username_template)} characters, and this "
                f"database takes {limit}",
                "shorten a part with `| truncate N`",
            )
        return self

    @property
    def naming(self) -> Settings:
        return (("username_template", self.username_template),) if self.username_template else ()


class Pooled(Model):
    """For plugins that keep connections open."""

    max_open_connections: Annotated[StrictInt, Field(ge=1, le=1000)] = 4
    """How many connections the Vault server holds at most."""
    max_idle_connections: Annotated[StrictInt, Field(ge=1, le=1000)] | None = None
    """How many of them it keeps while nobody asks. Default: all."""
    max_connection_lifetime: Duration | None = None
    """How long one is used before it is closed. Default: for ever."""

    @model_validator(mode="after")
    def _idle_are_some_of_the_open(self) -> Self:
        if (self.max_idle_connections or 0) > self.max_open_connections:
            raise refuse(
                f"max_idle_connections {self.max_idle_connections} is more than max_open_connections "
                f"{self.max_open_connections}",
                "the server would cut it silently; lower it or raise max_open_connections",
            )
        return self

    @property
    def pool(self) -> Settings:
        optional = {
            "max_idle_connections": self.max_idle_connections,
            "max_connection_lifetime": self.max_connection_lifetime,
        }
        return (
            ("max_open_connections", self.max_open_connections),
            *((name, value) for name, value in optional.items() if value is not None),
        )


class OneHost(Model):
    """For servers at one address, with TLS or on this machine."""

    host: Host
    """DNS name or IP address, as seen from the Vault server."""
    tls: Literal["verify-full", "disable"] = "verify-full"
    """How the connection is secured: certificate and name are verified. `disable` is for a loopback host only."""
