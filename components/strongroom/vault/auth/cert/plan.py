"""Certificates: the auth method of one authority, and a role for each workload with a certificate of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope
from strongroom.vault.policy.plan import policies_of


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
class CertRole(Record):
    """Whose certificates are this workload, and what its token may do. One of `dns_san` and `uri_san` is set."""

    kind: ClassVar[str] = "vault.auth.cert.role"
    mount: str
    name: str
    workload: str
    ca_pem: str
    dns_san: str | None
    uri_san: str | None
    policies: tuple[str, ...]
    token_ttl_seconds: int
    token_max_ttl_seconds: int

    @property
    def key(self) -> str:
        return f"{self.mount}/{self.name}"


def plan(scope: Scope) -> Iterator[Record]:
    for method_name, method in sorted(scope.environment.vault.auth.items() if scope.environment.vault else ()):
        if not (cert := method.cert):
            continue
        mount = scope.auth_mount(method_name)
        yield CertMethod(slice=PLATFORM, mount=mount, protect=scope.environment.protect)
        for (team, name), workload in scope.workloads.items():
            if scope.auth_of(workload) == [method_name] and (certificate := workload.runs_as.certificate):
                yield CertRole(
                    slice=team,
                    mount=mount,
                    name=naming.role_of(team, name),
                    workload=f"{team}/{name}",
                    ca_pem=cert.ca_pem,
                    dns_san=certificate.dns_san,
                    uri_san=certificate.uri_san,
                    policies=policies_of(scope, (team, name)),
                    token_ttl_seconds=cert.token_ttl,
                    token_max_ttl_seconds=cert.token_max_ttl,
                )
