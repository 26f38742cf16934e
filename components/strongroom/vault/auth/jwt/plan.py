"""JWT: the auth method of one issuer, and a role for each workload whose tokens it signs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope
from strongroom.spec.identity import Identity
from strongroom.vault.policy.plan import policies_of


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtMethod(Record):
    """A JWT auth method."""

    kind: ClassVar[str] = "vault.auth.jwt.method"
    mount: str
    oidc_discovery_url: str | None
    jwks_url: str | None
    public_keys: tuple[str, ...]
    ca_pem: str
    issuer: str
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtRole(Record):
    """Whose tokens are this workload, and what its own token may do."""

    kind: ClassVar[str] = "vault.auth.jwt.role"
    mount: str
    name: str
    workload: str
    audiences: tuple[str, ...]
    subject: str | None
    claims: tuple[tuple[str, str], ...]
    policies: tuple[str, ...]
    token_ttl_seconds: int
    token_max_ttl_seconds: int

    @property
    def key(self) -> str:
        return f"{self.mount}/{self.name}"


def bound_to(identity: Identity) -> tuple[str | None, dict[str, str]]:
    """The subject and the claims that tell this identity's tokens from all others of the issuer."""
    if identity.kubernetes:
        return identity.kubernetes.subject, {}
    if identity.github_actions:
        return None, identity.github_actions.claims
    if identity.jwt:
        return identity.jwt.subject, identity.jwt.claims
    return None, {}


def plan(scope: Scope) -> Iterator[Record]:
    for method_name, method in sorted(scope.environment.vault.auth.items() if scope.environment.vault else ()):
        if not (jwt := method.jwt):
            continue
        mount = scope.auth_mount(method_name)
        yield JwtMethod(
            slice=PLATFORM,
            mount=mount,
            oidc_discovery_url=jwt.oidc_discovery_url,
            jwks_url=jwt.jwks_url,
            public_keys=jwt.public_keys,
            ca_pem=jwt.ca_pem,
            issuer=jwt.issuer or jwt.oidc_discovery_url or "",
            protect=scope.environment.protect,
        )
        for (team, name), workload in scope.workloads.items():
            if scope.auth_of(workload) == [method_name]:
                subject, claims = bound_to(workload.runs_as)
                yield JwtRole(
                    slice=team,
                    mount=mount,
                    name=naming.role_of(team, name),
                    workload=f"{team}/{name}",
                    audiences=jwt.audiences,
                    subject=subject,
                    claims=tuple(sorted(claims.items())),
                    policies=policies_of(scope, (team, name)),
                    token_ttl_seconds=jwt.token_ttl,
                    token_max_ttl_seconds=jwt.token_max_ttl,
                )
