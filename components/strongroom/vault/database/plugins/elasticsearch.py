"""Elasticsearch."""

from typing import Annotated, ClassVar

from pydantic import Field

from strongroom.spec.names import Port
from strongroom.vault.database.plugins.server import (
    Language,
    LoginName,
    NamedUsers,
    OneHost,
    Server,
    Settings,
    netloc,
)


class Elasticsearch(Server, OneHost, NamedUsers):
    """An Elasticsearch cluster that credentials are issued for."""

    language: ClassVar[Language] = "elasticsearch"
    username_longest: ClassVar[int] = 100

    port: Port = 9200
    """TCP port."""
    username: LoginName
    """The user that creates and deletes the short-lived users; it needs the cluster privilege `manage_security`."""
    ca_cert_path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9_./-]{1,250}$")] | None = None
    """The certificate authority of the cluster, as a PEM file on the Vault server. Default: that server's trust
    store."""

    @property
    def plugin(self) -> str:
        return "elasticsearch-database-plugin"

    @property
    def block(self) -> str:
        return "elasticsearch"

    @property
    def settings(self) -> Settings:
        scheme = "http" if self.tls == "disable" else "https"
        return (
            ("url", f"{scheme}://{netloc(self.host, self.port)}"),
            *((("ca_cert", self.ca_cert_path),) if self.ca_cert_path else ()),
            *self.naming,
        )
