"""MySQL and MariaDB, also as Amazon Aurora and RDS."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from strongroom.spec.names import Port, refuse
from strongroom.vault.auth.jwt.spec import Pem
from strongroom.vault.database.plugins.server import (
    Language,
    LoginName,
    NamedUsers,
    OneHost,
    Pooled,
    Server,
    Settings,
    netloc,
)
from strongroom.vault.database.username_template import longest

LEGACY_USERNAME_LONGEST = 16
"""MySQL before 5.7.8."""


class Mysql(Server, OneHost, NamedUsers, Pooled):
    """A MySQL or MariaDB server that credentials are issued for."""

    language: ClassVar[Language] = "mysql"
    username_longest: ClassVar[int] = 32

    port: Port = 3306
    """TCP port."""
    username: LoginName
    """The user that creates and drops the short-lived users, from any host (`@'%'`); it needs CREATE USER and may pass
    on what the users get (GRANT OPTION)."""
    variant: Literal["mysql", "aurora", "rds", "legacy"] = "mysql"
    """What kind of MySQL it is. `legacy` is MySQL before 5.7.8, where a user's name has at most 16 characters."""
    ca_pem: Pem = ""
    """The certificate authority of the server. Empty: the Vault server's own trust store."""

    @model_validator(mode="after")
    def _legacy_names_are_short(self) -> Self:
        template = self.username_template
        if self.variant == "legacy" and template and longest(template) > LEGACY_USERNAME_LONGEST:
            raise refuse(
                f"username_template makes names of up to {longest(template)} characters, and MySQL before 5.7.8 takes "
                f"{LEGACY_USERNAME_LONGEST}",
                "shorten a part with `| truncate N`",
            )
        return self

    @property
    def _suffix(self) -> str:
        return "" if self.variant == "mysql" else self.variant

    @property
    def plugin(self) -> str:
        return "-".join(filter(None, ("mysql", self._suffix, "database-plugin")))

    @property
    def block(self) -> str:
        return "_".join(filter(None, ("mysql", self._suffix)))

    @property
    def settings(self) -> Settings:
        # With a CA of its own the plugin sets `tls` itself.
        verified = "?tls=true" if self.tls == "verify-full" and not self.ca_pem else ""
        return (
            ("connection_url", f"{{{{username}}}}:{{{{password}}}}@tcp({netloc(self.host, self.port)})/{verified}"),
            *((("tls_ca", self.ca_pem),) if self.ca_pem else ()),
            *self.pool,
            *self.naming,
        )
