"""What people write about SSH: the engine (platform team) and the certificates that a secret gives (product team)."""

from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from strongroom.spec.domains import Domain
from strongroom.spec.lifetimes import check_ttl
from strongroom.spec.model import Model, OneOf, StrictBool
from strongroom.spec.names import Duration, MountPath, TeamName, check_characters, duration, refuse

USER_MAX_TTL: Final = 86400
"""Seconds. Nothing takes a user's certificate back before it ends, other than a list on every single host."""

PRINCIPAL_PATTERN: Final = r"^[a-z_][a-z0-9_-]{0,31}$"


def _check_principal(text: str) -> str:
    if "*" in text:
        raise refuse("the principal '*' would let a certificate log in as everybody", "list each user name")
    if text == "root":
        raise refuse("the principal 'root' would give every host away", "let an ordinary user call sudo")
    # shadow-utils, useradd(8): names of users.
    return check_characters(text, "the principal", PRINCIPAL_PATTERN, "a-z0-9_-", 32)


Principal = Annotated[
    str,
    AfterValidator(_check_principal),
    WithJsonSchema({"type": "string", "pattern": PRINCIPAL_PATTERN, "not": {"const": "root"}}),
]
"""A user name on the hosts; never `root` or `*`."""

Extension = Literal[
    "permit-pty", "permit-port-forwarding", "permit-agent-forwarding", "permit-X11-forwarding", "permit-user-rc"
]
"""What a session may do: OpenSSH, ssh-keygen(1), "CERTIFICATES"."""


class SshEngine(Model):
    """An SSH certificate authority: hosts and users trust its key instead of each other's."""

    mount: MountPath | None = None
    """Where it is mounted. Default: `ssh-<environment>`."""
    key_type: Literal["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"] = (
        "ssh-ed25519"
    )
    """The signing key, made in the server and never shown. A change makes a new one, which no host trusts yet."""
    principals: dict[TeamName, tuple[Principal, ...]] = Field(default_factory=dict)
    """The user names that certificates of a team may carry. They hold on every host that trusts the authority."""
    host_domains: dict[TeamName, tuple[Domain, ...]] = Field(default_factory=dict)
    """The domains that host certificates of a team may be for, and all below them."""


class SshUser(Model):
    """Logs in to hosts as one of some users."""

    principals: tuple[Principal, ...] = Field(min_length=1)
    """The user names. The first is for requests that name none."""
    extensions: tuple[Extension, ...] = ("permit-pty",)
    """What sessions may do. `[]`: run commands only."""
    ttl: Duration = 1800
    """Lifetime of a certificate whose request names none."""
    max_ttl: Duration = 3600
    """Lifetime at most. No longer than 1d."""

    @model_validator(mode="after")
    def _short(self) -> Self:
        check_ttl(self.ttl, self.max_ttl)
        if self.max_ttl > USER_MAX_TTL:
            raise refuse(
                f"max_ttl {duration(self.max_ttl)} is longer than {duration(USER_MAX_TTL)}",
                "a certificate cannot be taken back; let the workload ask for a new one",
            )
        return self


class SshHost(Model):
    """Shows users that a host is what it says."""

    domains: tuple[Domain, ...] = Field(min_length=1)
    """The names of the hosts."""
    allow_subdomains: StrictBool = False
    """Whether names below `domains` are allowed too."""
    ttl: Duration = 7 * 86400
    """Lifetime of a certificate whose request names none."""
    max_ttl: Duration = 30 * 86400
    """Lifetime at most."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        check_ttl(self.ttl, self.max_ttl)
        return self


class SshCertificate(OneOf):
    """Signed SSH public keys: the private key stays with whoever made it. For users or for hosts."""

    what: ClassVar[str] = "kind of SSH certificate"

    user: SshUser | None = None
    """For logging in."""
    host: SshHost | None = None
    """For being logged in to."""
