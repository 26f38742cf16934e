"""AppRole: the auth method, and a role for each workload that logs in with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope
from strongroom.vault.auth.login_role import LoginRole, common, logins_at


@dataclass(frozen=True, slots=True, kw_only=True)
class AppRoleMethod(Record):
    """An AppRole auth method."""

    kind: ClassVar[str] = "vault.auth.approle.method"
    mount: str
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class AppRoleRole(LoginRole):
    """What the secret ids of one workload are good for."""

    kind: ClassVar[str] = "vault.auth.approle.role"
    secret_id_ttl_seconds: int
    secret_id_uses: int
    bound_cidrs: tuple[str, ...]


def plan(scope: Scope) -> Iterator[Record]:
    for method_name, method in sorted(scope.environment.vault.auth.items() if scope.environment.vault else ()):
        if not (approle := method.approle):
            continue
        yield AppRoleMethod(slice=PLATFORM, mount=scope.auth_mount(method_name), protect=scope.environment.protect)
        for workload, identity in logins_at(scope, method_name):
            if secret_id := identity.approle:
                yield AppRoleRole(
                    **common(scope, method_name, approle, workload),
                    secret_id_ttl_seconds=secret_id.secret_id_ttl,
                    secret_id_uses=secret_id.secret_id_uses,
                    bound_cidrs=secret_id.bound_cidrs,
                )
