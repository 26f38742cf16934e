"""The SSH engine: its mount with the signing key, and a role for each secret that is certificates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.vault.ssh.spec import SshEngine

WHAT: Final = "SSH certificates"
LEASED: Final = False
VERBS: Final[Mapping[str, tuple[str, ...]]] = {"sign": ("update",)}
"""The engine could make key pairs too (`issue`); a private key that never travels is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SshMount(Record):
    """An SSH certificate authority."""

    kind: ClassVar[str] = "vault.ssh.mount"
    mount: str
    key_type: str
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class SshRole(Record):
    """What certificates one secret gives: for users or for hosts, never both."""

    kind: ClassVar[str] = "vault.ssh.role"
    mount: str
    name: str
    users: tuple[str, ...]
    """The principals of user certificates; empty: it is for hosts."""
    extensions: tuple[str, ...]
    host_domains: tuple[str, ...]
    """The names of host certificates; empty: it is for users."""
    allow_subdomains: bool
    ttl_seconds: int
    max_ttl_seconds: int

    @property
    def key(self) -> str:
        return self.name


def engine_of(scope: Scope) -> SshEngine | None:
    """The environment's engine, if it has one."""
    return scope.environment.vault.engines.ssh if scope.environment.vault else None


def rules(scope: Scope, secret: Key, verb: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The path and capabilities that one verb on one secret needs."""
    yield f"{scope.engine_mount('ssh')}/sign/{naming.role_of(*secret)}", VERBS[verb]


def plan(scope: Scope) -> Iterator[Record]:
    engine = engine_of(scope)
    if engine is None:
        return
    mount = scope.engine_mount("ssh")
    yield SshMount(slice=PLATFORM, mount=mount, key_type=engine.key_type, protect=scope.environment.protect)
    for (team, name), secret in scope.secrets.items():
        if certificate := secret.ssh_certificate:
            user, host = certificate.user, certificate.host
            yield SshRole(
                slice=team,
                mount=mount,
                name=naming.role_of(team, name),
                users=user.principals if user else (),
                extensions=user.extensions if user else (),
                host_domains=host.domains if host else (),
                allow_subdomains=host.allow_subdomains if host else False,
                ttl_seconds=certificate.value.ttl,
                max_ttl_seconds=certificate.value.max_ttl,
            )
