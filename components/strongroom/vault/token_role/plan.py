"""Token roles, and what whoever makes tokens with one needs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.vault.policy.render import PathRule


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRoleRecord(Record):
    """A token role. Roles are global to a server, so the environment is part of the name."""

    kind: ClassVar[str] = "vault.token_role"
    name: str
    allowed_policies: tuple[str, ...]
    allowed_policies_glob: tuple[str, ...]
    disallowed_policies: tuple[str, ...]
    disallowed_policies_glob: tuple[str, ...]
    type: str
    orphan: bool
    renewable: bool
    period_seconds: int | None
    explicit_max_ttl_seconds: int | None
    bound_cidrs: tuple[str, ...]
    num_uses: int | None

    @property
    def key(self) -> str:
        return self.name


def rules(scope: Scope, workload: Key) -> Iterator[PathRule]:
    """What a workload needs to make tokens with the roles that name it."""
    for name, role in sorted((scope.environment.vault.token_roles if scope.environment.vault else {}).items()):
        if "/".join(workload) in role.creators:
            path = f"auth/token/create/{naming.global_name_of(scope.name, name)}"
            yield PathRule(path, ("update",), (f"token role {name}: make tokens",))


def plan(scope: Scope) -> Iterator[Record]:
    for name, role in sorted((scope.environment.vault.token_roles if scope.environment.vault else {}).items()):
        yield TokenRoleRecord(
            slice=PLATFORM,
            name=naming.global_name_of(scope.name, name),
            allowed_policies=_policies(scope, role.allowed_policies),
            allowed_policies_glob=_globs(scope, role.allowed_policies_glob),
            disallowed_policies=_policies(scope, role.disallowed_policies),
            disallowed_policies_glob=_globs(scope, role.disallowed_policies_glob),
            type=role.type,
            orphan=role.orphan,
            renewable=role.renewable,
            period_seconds=role.period,
            explicit_max_ttl_seconds=role.explicit_max_ttl,
            bound_cidrs=role.bound_cidrs,
            num_uses=role.num_uses,
        )


def _policies(scope: Scope, references: Iterable[str]) -> tuple[str, ...]:
    found = set()
    for reference in references:
        team, slash, workload = reference.partition("/")
        by_hand = naming.hand_written_policy_of(scope.name, reference)
        found.add(naming.policy_of(scope.name, team, workload) if slash else by_hand)
    return tuple(sorted(found))


def _globs(scope: Scope, globs: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({f"{scope.name}.{glob}" for glob in globs}))
