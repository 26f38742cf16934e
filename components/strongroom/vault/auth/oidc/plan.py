"""OIDC: the auth method, its roles, and an external identity group for each group of people that has grants."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.vault.auth.login_role import logins_at
from strongroom.vault.policy.plan import policies_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcMethod(Record):
    """An OIDC auth method. The client's secret is a reference."""

    kind: ClassVar[str] = "vault.auth.oidc.method"
    mount: str
    oidc_discovery_url: str
    ca_pem: str
    client_id: str
    client_secret_from: tuple[str, str]
    """`("pulumi_config", key)` or `("environment_variable", name)`."""
    default_role: str
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcRoleRecord(Record):
    """Who may log in. No policies: those come from a person's groups, at each login anew."""

    kind: ClassVar[str] = "vault.auth.oidc.role"
    mount: str
    name: str
    bound_claims: tuple[tuple[str, str], ...]
    user_claim: str
    groups_claim: str
    scopes: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    token_ttl_seconds: int
    token_max_ttl_seconds: int

    @property
    def key(self) -> str:
        return f"{self.mount}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcGroup(Record):
    """A group of the provider, and the policies of all that teams call by it.

    It is the platform's: a server knows a group of one method only once, and several teams may speak of it.
    """

    kind: ClassVar[str] = "vault.auth.oidc.group"
    mount: str
    name: str
    """Identity groups are global to a server, so the environment is part of the name."""
    group: str
    workloads: tuple[str, ...]
    role: str
    policies: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.mount}/{self.group}"


def plan(scope: Scope) -> Iterator[Record]:
    for method_name, method in sorted(scope.environment.vault.auth.items() if scope.environment.vault else ()):
        if not (oidc := method.oidc):
            continue
        mount = scope.auth_mount(method_name)
        yield OidcMethod(
            slice=PLATFORM,
            mount=mount,
            oidc_discovery_url=oidc.oidc_discovery_url,
            ca_pem=oidc.ca_pem,
            client_id=oidc.client_id,
            client_secret_from=(oidc.client_secret.kind, oidc.client_secret.value),
            default_role=oidc.role,
            protect=scope.environment.protect,
        )
        for name, role in sorted(oidc.roles.items()):
            yield OidcRoleRecord(
                slice=PLATFORM,
                mount=mount,
                name=name,
                bound_claims=tuple(sorted(role.bound_claims.items())),
                user_claim=role.user_claim,
                groups_claim=role.groups_claim,
                scopes=role.scopes,
                redirect_uris=role.redirect_uris,
                token_ttl_seconds=oidc.token_ttl,
                token_max_ttl_seconds=oidc.token_max_ttl,
            )
        for group, keys in sorted(_groups(scope, method_name).items()):
            yield OidcGroup(
                slice=PLATFORM,
                mount=mount,
                name=naming.identity_of(scope.name, method_name, group),
                group=group,
                workloads=tuple("/".join(key) for key in keys),
                role=oidc.role,
                policies=tuple(sorted({policy for key in keys for policy in policies_of(scope, key)})),
            )


def _groups(scope: Scope, method_name: str) -> dict[str, list[Key]]:
    found: dict[str, list[Key]] = {}
    for key, identity in logins_at(scope, method_name):
        if people := identity.people:
            found.setdefault(people.group, []).append(key)
    return found
