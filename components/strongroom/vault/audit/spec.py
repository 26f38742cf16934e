"""What people write about audit devices."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from strongroom.spec.model import Model, OneOf


class FileDevice(Model):
    """A log file on the server."""

    path: Annotated[str, Field(pattern=r'^/[^\x00-\x1f\x7f"\\${}%]+$', max_length=250)]
    """Absolute path. The server must be able to write it; where it cannot, it refuses all requests."""
    mode: Annotated[str, Field(pattern=r"^0[0-7]{3}$")] = "0600"
    """Permissions, octal."""


class SyslogDevice(Model):
    """The server's local syslog."""

    facility: Literal[
        "AUTH",
        "AUTHPRIV",
        "DAEMON",
        "LOCAL0",
        "LOCAL1",
        "LOCAL2",
        "LOCAL3",
        "LOCAL4",
        "LOCAL5",
        "LOCAL6",
        "LOCAL7",
    ] = "AUTH"
    """The syslog facility."""
    tag: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "vault"
    """The program name of the entries."""


class SocketDevice(Model):
    """A TCP, UDP or unix socket."""

    address: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/\[\]-]{1,250}$")]
    """`host:port`, or the path of a unix socket."""
    socket_type: Literal["tcp", "udp", "unix"] = "tcp"
    """The kind of socket."""


class AuditDevice(OneOf):
    """Where every request and answer is recorded; values are hashed by the server."""

    what: ClassVar[str] = "audit device"

    file: FileDevice | None = None
    """A file."""
    syslog: SyslogDevice | None = None
    """Syslog."""
    socket: SocketDevice | None = None
    """A socket."""
