"""Redis and Valkey: two plugins with the same settings."""

from typing import ClassVar, Self

from pydantic import model_validator

from strongroom.spec.names import Port, refuse
from strongroom.vault.auth.jwt.spec import Pem
from strongroom.vault.database.plugins.server import Language, LoginName, OneHost, Server, Settings


class Redis(Server, OneHost):
    """A Redis server that credentials are issued for."""

    language: ClassVar[Language] = "redis"

    port: Port = 6379
    """TCP port."""
    username: LoginName
    """The ACL user that makes and deletes the short-lived users; it needs `+acl`, and what those users get."""
    ca_pem: Pem = ""
    """The certificate authority of the server, PEM. Needed with TLS: the plugins know no other trust store."""

    @model_validator(mode="after")
    def _has_an_authority(self) -> Self:
        if self.tls == "verify-full" and not self.ca_pem:
            raise refuse(
                "ca_pem is missing, and with TLS this plugin trusts no other authority",
                "give the authority of the server's certificate",
            )
        return self

    @property
    def plugin(self) -> str:
        return "redis-database-plugin"

    @property
    def block(self) -> str:
        return "redis"

    @property
    def settings(self) -> Settings:
        return (
            ("host", self.host),
            ("port", self.port),
            ("tls", self.tls == "verify-full"),
            *((("ca_cert", self.ca_pem),) if self.ca_pem else ()),
        )


class Valkey(Redis):
    """A Valkey server that credentials are issued for. OpenBao only."""

    @property
    def plugin(self) -> str:
        return "valkey-database-plugin"

    @property
    def block(self) -> str:
        return ""
