"""Certificates: the auth method of one authority, and a role for each workload with a certificate of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope
from strongroom.spec.identity import Identity
from strongroom.vault.auth.login_role import LoginRole, common, logins_at


@dataclass(frozen=True, slots=True, kw_only=True)
class CertMethod(Record):
    """A certificate auth method."""

    kind: ClassVar[str] = "vault.auth.cert.method"
    mount: str
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class CertRole(LoginRole):
    """Whose certificates are this workload, and what its token may do. One of `dns_san` and `uri_san` is set."""

    kind: ClassVar[str] = "vault.auth.cert.role"
    ca_pem: str
    dns_san: str | None
    uri_san: str | None
    common_name: str | None


def alias_of(identity: Identity) -> str | None:
    """The name by which the identity store knows who logs in so."""
    return identity.certificate.common_name if identity.certificate else None


def plan(scope: Scope) -> Iterator[Record]:
    for method_name, method in sorted(scope.environment.vault.auth.items() if scope.environment.vault else ()):
        if not (cert := method.cert):
            continue
        yield CertMethod(slice=PLATFORM, mount=scope.auth_mount(method_name), protect=scope.environment.protect)
        for workload, identity in logins_at(scope, method_name):
            if certificate := identity.certificate:
                yield CertRole(
                    **common(scope, method_name, cert, workload),
                    ca_pem=cert.ca_pem,
                    dns_san=certificate.dns_san,
                    uri_san=certificate.uri_san,
                    common_name=certificate.common_name,
                )
