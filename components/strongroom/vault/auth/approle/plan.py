"""AppRole: the auth method, and a role for each workload that logs in with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope
from strongroom.vault.policy.plan import policies_of


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
class AppRoleRole(Record):
    """How one workload logs in, and what its token may do."""

    kind: ClassVar[str] = "vault.auth.approle.role"
    mount: str
    name: str
    workload: str
    policies: tuple[str, ...]
    token_ttl_seconds: int
    token_max_ttl_seconds: int
    secret_id_ttl_seconds: int
    secret_id_uses: int
    bound_cidrs: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.mount}/{self.name}"


def plan(scope: Scope) -> Iterator[Record]:
    for method_name, method in sorted(scope.environment.vault.auth.items() if scope.environment.vault else ()):
        if not (approle := method.approle):
            continue
        mount = scope.auth_mount(method_name)
        yield AppRoleMethod(slice=PLATFORM, mount=mount, protect=scope.environment.protect)
        for (team, name), workload in scope.workloads.items():
            if scope.auth_of(workload) == [method_name] and (identity := workload.runs_as.approle):
                yield AppRoleRole(
                    slice=team,
                    mount=mount,
                    name=naming.role_of(team, name),
                    workload=f"{team}/{name}",
                    policies=policies_of(scope, (team, name)),
                    token_ttl_seconds=approle.token_ttl,
                    token_max_ttl_seconds=approle.token_max_ttl,
                    secret_id_ttl_seconds=identity.secret_id_ttl,
                    secret_id_uses=identity.secret_id_uses,
                    bound_cidrs=identity.bound_cidrs,
                )
