"""Apache Cassandra, and what speaks its protocol."""

import json
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from strongroom.spec.model import StrictInt
from strongroom.spec.names import Host, Port
from strongroom.vault.auth.jwt.spec import Pem
from strongroom.vault.database.plugins.server import Language, LoginName, NamedUsers, Server, Settings


class Cassandra(Server, NamedUsers):
    """A Cassandra cluster that credentials are issued for."""

    language: ClassVar[Language] = "cassandra"
    username_longest: ClassVar[int] = 100

    hosts: tuple[Host, ...] = Field(min_length=1)
    """Some of its nodes, as seen from the Vault server."""
    port: Port = 9042
    """TCP port of all nodes."""
    username: LoginName
    """The role that creates and drops the short-lived roles; it needs CREATE, ALTER, AUTHORIZE and DROP on roles."""
    tls: Literal["verify-full", "disable"] = "verify-full"
    """How the connection is secured: certificate and name are verified. `disable` is for loopback hosts only."""
    ca_pem: Pem = ""
    """The certificate authority of the nodes. Empty: the Vault server's own trust store."""
    protocol_version: Annotated[StrictInt, Field(ge=3, le=5)] = 4
    """Version of the CQL protocol. Cassandra 2.2 and later have 4, 4.0 and later also 5."""

    @property
    def plugin(self) -> str:
        return "cassandra-database-plugin"

    @property
    def block(self) -> str:
        return "cassandra"

    @property
    def hosts_reached(self) -> tuple[str, ...]:
        return self.hosts

    @property
    def settings(self) -> Settings:
        authority = json.dumps({"issuing_ca": self.ca_pem})
        return (
            ("hosts", self.hosts),
            ("port", self.port),
            ("tls", self.tls == "verify-full"),
            *((("pem_json", authority),) if self.ca_pem else ()),
            ("protocol_version", self.protocol_version),
            *self.naming,
        )
