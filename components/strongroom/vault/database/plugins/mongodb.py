"""MongoDB."""

from typing import ClassVar

from strongroom.spec.names import Port
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


class Mongodb(Server, OneHost, NamedUsers, Pooled):
    """A MongoDB server that credentials are issued for."""

    language: ClassVar[Language] = "mongodb"
    username_longest: ClassVar[int] = 100

    port: Port = 27017
    """TCP port."""
    username: LoginName
    """The user of the database `admin` that creates and drops the short-lived users (role `userAdminAnyDatabase`)."""
    ca_pem: Pem = ""
    """The certificate authority of the server. Empty: the Vault server's own trust store."""

    @property
    def plugin(self) -> str:
        return "mongodb-database-plugin"

    @property
    def block(self) -> str:
        return "mongodb"

    @property
    def settings(self) -> Settings:
        tls = "true" if self.tls == "verify-full" else "false"
        place = f"{netloc(self.host, self.port)}/admin?tls={tls}"
        return (
            ("connection_url", f"mongodb://{{{{username}}}}:{{{{password}}}}@{place}"),
            *((("tls_ca", self.ca_pem),) if self.ca_pem else ()),
            *self.pool,
            *self.naming,
        )
