"""JWT: the auth method of one issuer, and a role for each workload whose tokens it signs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope
from strongroom.spec.identity import Identity
from strongroom.vault.auth.login_role import LoginRole, common, logins_at


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
class JwtRole(LoginRole):
    """Whose tokens are this workload, and what its own token may do."""

    kind: ClassVar[str] = "vault.auth.jwt.role"
    audiences: tuple[str, ...]
    subject: str | None
    claims: tuple[tuple[str, str], ...]
    user_claim: str
    """The claim that tells those who log in apart: the identity store knows them by its value."""
    groups_claim: str | None


def bound_to(identity: Identity) -> tuple[str | None, dict[str, str]]:
    """The subject and the claims that tell this identity's tokens from all others of the issuer."""
    if identity.kubernetes:
        return identity.kubernetes.subject, {}
    if job := identity.github_actions or identity.gitlab_ci:
        return job.subject, job.claims
    if identity.jwt:
        return identity.jwt.subject, identity.jwt.claims
    return None, {}


def user_claim_of(identity: Identity) -> str:
    """The claim whose value is the same in every token of this identity: the subject where it is known, of a CI job its
    repository, else the first claim in the order of the alphabet."""
    subject, claims = bound_to(identity)
    if subject is not None:
        return "sub"
    return next((name for name in ("repository", "project_path") if name in claims), min(claims, default="sub"))


def alias_of(identity: Identity) -> str | None:
    """The name by which the identity store knows who logs in so."""
    subject, claims = bound_to(identity)
    return subject or claims.get(user_claim_of(identity))


def plan(scope: Scope) -> Iterator[Record]:
    for method_name, method in sorted(scope.environment.vault.auth.items() if scope.environment.vault else ()):
        if not (jwt := method.jwt):
            continue
        yield JwtMethod(
            slice=PLATFORM,
            mount=scope.auth_mount(method_name),
            oidc_discovery_url=jwt.oidc_discovery_url,
            jwks_url=jwt.jwks_url,
            public_keys=jwt.public_keys,
            ca_pem=jwt.ca_pem,
            issuer=jwt.issuer or jwt.oidc_discovery_url or "",
            protect=scope.environment.protect,
        )
        for workload, identity in logins_at(scope, method_name):
            subject, claims = bound_to(identity)
            yield JwtRole(
                **common(scope, method_name, jwt, workload),
                audiences=jwt.audiences,
                subject=subject,
                claims=tuple(sorted(claims.items())),
                # Without entities of our own the subject says most in the audit log.
                user_claim=user_claim_of(identity) if scope.has_entities else "sub",
                groups_claim=jwt.groups_claim,
            )
