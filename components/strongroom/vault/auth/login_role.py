"""What the roles of all auth methods have in common: who logs in there, and with which token."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from strongroom.plan import naming
from strongroom.plan.record import Record
from strongroom.plan.scope import Key, Scope
from strongroom.spec.identity import Identity
from strongroom.vault.auth.spec import AuthMethodBase
from strongroom.vault.policy.plan import policies_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRole(Record):
    """How one workload logs in at one auth method, and what its token may do."""

    mount: str
    name: str
    workload: str
    policies: tuple[str, ...]
    token_ttl_seconds: int
    token_max_ttl_seconds: int

    @property
    def key(self) -> str:
        return f"{self.mount}/{self.name}"

    @property
    def method(self) -> str:
        """The kind of auth method, such as `kubernetes`: the second to last part of `vault.auth.kubernetes.role`."""
        return self.kind.split(".")[-2]


def logins_at(scope: Scope, method_name: str) -> Iterator[tuple[Key, Identity]]:
    """The workloads that log in at an auth method, and as what, in order of their keys."""
    for key, workload in scope.workloads.items():
        for login in workload.logins:
            if scope.auth_of(login) == [method_name]:
                yield key, login.runs_as


def common(scope: Scope, method_name: str, method: AuthMethodBase, workload: Key) -> dict[str, Any]:
    """The fields of LoginRole for one workload."""
    team, name = workload
    return {
        "slice": team,
        "mount": scope.auth_mount(method_name),
        "name": naming.role_of(team, name),
        "workload": f"{team}/{name}",
        "policies": policies_of(scope, workload),
        "token_ttl_seconds": method.token_ttl,
        "token_max_ttl_seconds": method.token_max_ttl,
    }
