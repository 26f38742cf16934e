"""Identity: an entity for each workload with a name at each auth method it logs in at, and groups with policies."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.spec.identity import Identity
from strongroom.vault.auth.aws.plan import alias_of as aws_alias
from strongroom.vault.auth.cert.plan import alias_of as cert_alias
from strongroom.vault.auth.jwt.plan import alias_of as jwt_alias
from strongroom.vault.auth.kubernetes.plan import alias_of as kubernetes_alias
from strongroom.vault.identity.spec import ExternalGroup, Group, IdentityStore

ALIASES: Final[Mapping[str, Callable[[Identity], str | None]]] = {
    "aws": aws_alias,
    "cert": cert_alias,
    "jwt": jwt_alias,
    "kubernetes": kubernetes_alias,
}
"""Kind of auth method -> the name by which it knows an identity; None where that cannot be told."""
BY_ROLE_ID: Final = frozenset({"approle"})
"""Kinds of auth method that know a workload by an id which the server draws for its role."""
OF_THEIR_OWN: Final = frozenset({"people", "userpass"})
"""Kinds of identity whose rooms make what the identity store needs: one group or user may be several workloads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """The name of an entity at one auth method."""

    mount: str
    """The auth method's, without `auth/`."""
    name: str | None
    """None: the id that the server draws for `role`."""
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity(Record):
    """A workload, whichever way it logs in."""

    kind: ClassVar[str] = "vault.identity.entity"
    name: str
    workload: str
    metadata: tuple[tuple[str, str], ...]
    aliases: tuple[Alias, ...]

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalGroup(Record):
    """Workloads of one team that share policies."""

    kind: ClassVar[str] = "vault.identity.group"
    name: str
    members: tuple[str, ...]
    """The names of their entities."""
    policies: tuple[str, ...]
    metadata: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalGroupRecord(Record):
    """A group of an identity provider."""

    kind: ClassVar[str] = "vault.identity.external_group"
    name: str
    mount: str
    group: str
    policies: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.name


def has_entity(scope: Scope, workload: Key) -> bool:
    """Whether a workload that exists here has an entity of its own."""
    return scope.has_entities and scope.workloads[workload].runs_as.kind not in OF_THEIR_OWN


def aliases_of(scope: Scope, workload: Key) -> Iterator[tuple[int, str, str | None]]:
    """Of each login whose auth method is known: its position, the method's name, and the alias as in Alias."""
    methods = scope.environment.vault.auth if scope.environment.vault else {}
    for position, login in enumerate(scope.workloads[workload].logins):
        if len(found := scope.auth_of(login)) == 1:
            alias = ALIASES.get(methods[found[0]].kind)
            yield position, found[0], alias(login.runs_as) if alias else None


def members_of(scope: Scope, group: Group) -> dict[str, list[Key]]:
    """The workloads of a group, by team, in order."""
    found: dict[str, list[Key]] = {}
    for team, name in scope.workloads:
        if (team in group.teams or f"{team}/{name}" in group.workloads) and has_entity(scope, (team, name)):
            found.setdefault(team, []).append((team, name))
    return found


def plan(scope: Scope) -> Iterator[Record]:
    store = scope.environment.vault.identity if scope.environment.vault else None
    if store is None:
        return
    for team, name in scope.workloads:
        if has_entity(scope, (team, name)):
            yield Entity(
                slice=team,
                name=naming.entity_of(scope.name, team, name),
                workload=f"{team}/{name}",
                metadata=(("environment", scope.name), ("team", team), ("workload", name)),
                aliases=tuple(
                    Alias(mount=scope.auth_mount(method), name=alias, role=naming.role_of(team, name))
                    for _, method, alias in aliases_of(scope, (team, name))
                ),
            )
    yield from _groups(scope, store)


def _groups(scope: Scope, store: IdentityStore) -> Iterator[Record]:
    for group_name, group in sorted(store.groups.items()):
        for team, members in members_of(scope, group).items():
            yield InternalGroup(
                slice=team,
                name=naming.identity_of(scope.name, team, group_name),
                members=tuple(naming.entity_of(scope.name, *member) for member in members),
                policies=_policies(scope, group),
                metadata=(("environment", scope.name), ("team", team)),
            )
    for group_name, external in sorted(store.external_groups.items()):
        yield ExternalGroupRecord(
            slice=PLATFORM,
            name=naming.identity_of(scope.name, external.auth, group_name),
            mount=scope.auth_mount(external.auth),
            group=external.group,
            policies=_policies(scope, external),
        )


def _policies(scope: Scope, group: Group | ExternalGroup) -> tuple[str, ...]:
    return tuple(sorted(naming.hand_written_policy_of(scope.name, name) for name in set(group.policies)))
