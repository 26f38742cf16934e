"""What the identity store needs of the rest: names that mean something, and nobody known by another's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from strongroom.plan import naming
from strongroom.plan.scope import Key, Scope
from strongroom.spec.identity import Identity
from strongroom.spec.problems import Loc, Problem, did_you_mean
from strongroom.vault.auth.login_role import logins_at
from strongroom.vault.identity.plan import BY_ROLE_ID, aliases_of, has_entity, members_of

if TYPE_CHECKING:
    from strongroom.plan.references import Sources
    from strongroom.spec.yaml_nodes import Source
    from strongroom.vault.identity.spec import IdentityStore

    _Named = tuple[str, object, Source, Loc]
    """A final name, what tells the named thing apart, and where it is declared."""


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of an environment's entities and groups."""
    vault = scope.environment.vault
    if vault is None:
        return
    yield from _names(scope, sources)
    if vault.identity is None:
        return
    yield from _aliases(scope, sources)
    yield from _policies(sources, vault.identity)
    yield from _members(scope, sources, vault.identity)
    yield from _external(scope, sources, vault.identity)


def _names(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """Entities and groups come from several rooms, and the server has one list of each: two would take turns as one.

    What is adopted has no such name (see `strongroom.vault.adopted.references`).
    """
    for what, named in (("entity", _entities(scope, sources)), ("group", _groups(scope, sources))):
        first: dict[str, tuple[object, Source, Loc]] = {}
        for name, thing, source, loc in named:
            # The server looks them up without their case.
            other, other_source, other_loc = first.setdefault(name.lower(), (thing, source, loc))
            if other != thing:
                there = other_source.problem(other_loc, "")
                yield source.problem(
                    loc,
                    f"its {what} would be called {name}, as is that of {there.where} ({there.file}:{there.line})",
                    "one name is one identity: rename one of them",
                )


def _entities(scope: Scope, sources: Sources) -> Iterator[_Named]:
    """Workloads, and users by the auth method that knows them; several workloads may be one user."""
    for team, name in scope.workloads:
        if has_entity(scope, (team, name)):
            entity = naming.entity_of(scope.name, team, name)
            yield entity, (team, name), sources.catalogs[team], ("workloads", name)
    for method, (team, name), identity in _logins(scope):
        if user := identity.userpass:
            entity = naming.identity_of(scope.name, method, user.username)
            yield entity, ("user", method, user.username), sources.catalogs[team], ("workloads", name, "runs_as")


def _groups(scope: Scope, sources: Sources) -> Iterator[_Named]:
    """Groups of workloads, of which each team has its own, external ones, and people by what an OIDC method says."""
    assert scope.environment.vault is not None
    store = scope.environment.vault.identity
    for name, group in store.groups.items() if store else ():
        loc: Loc = ("vault", "identity", "groups", name)
        for team in members_of(scope, group):
            yield naming.identity_of(scope.name, team, name), ("group", name), sources.environment, loc
    for name, external in store.external_groups.items() if store else ():
        loc = ("vault", "identity", "external_groups", name)
        yield naming.identity_of(scope.name, external.auth, name), ("external", name), sources.environment, loc
    for method, (team, name), identity in _logins(scope):
        if people := identity.people:
            called = naming.identity_of(scope.name, method, people.group)
            yield called, ("people", method, people.group), sources.catalogs[team], ("workloads", name, "runs_as")


def _logins(scope: Scope) -> Iterator[tuple[str, Key, Identity]]:
    assert scope.environment.vault is not None
    for method in scope.environment.vault.auth:
        yield from ((method, key, identity) for key, identity in logins_at(scope, method))


def _aliases(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """One identity is one workload: a second entity could not have the name, and the server would merge the two."""
    assert scope.environment.vault is not None
    seen: dict[tuple[str, str], str] = {}
    for team, name in scope.workloads:
        if not has_entity(scope, (team, name)):
            continue
        for position, method, alias in aliases_of(scope, (team, name)):
            loc: Loc = ("workloads", name, *(("also", position - 1) if position else ()), "runs_as")
            if scope.environment.vault.auth[method].kind in BY_ROLE_ID:
                continue
            if alias is None:
                yield sources.catalogs[team].problem(
                    loc,
                    f"auth method {method} of {scope.name} knows who logs in so by a name that is not given",
                    "a certificate needs its `common_name` where the environment has `vault.identity`",
                )
            elif (owner := seen.setdefault((method, alias), f"{team}/{name}")) != f"{team}/{name}":
                yield sources.catalogs[team].problem(
                    loc,
                    f"is known to auth method {method} of {scope.name} as '{alias}', as is {owner}",
                    "one identity is one workload: give one of them another; `subject` tells CI jobs and JWTs apart",
                )


def _policies(sources: Sources, store: IdentityStore) -> Iterator[Problem]:
    known = sources.in_environment("vault", "policies")
    groups = [("groups", name, group.policies) for name, group in store.groups.items()]
    groups += [("external_groups", name, group.policies) for name, group in store.external_groups.items()]
    for section, name, policies in groups:
        for position, policy in enumerate(policies):
            if policy not in known:
                yield sources.environment.problem(
                    ("vault", "identity", section, name, "policies", position),
                    f"there is no policy '{policy}'",
                    did_you_mean(policy, known, f"declare it under `vault.policies`; there are: {_listed(known)}"),
                )


def _members(scope: Scope, sources: Sources, store: IdentityStore) -> Iterator[Problem]:
    for name, group in store.groups.items():
        loc: Loc = ("vault", "identity", "groups", name)
        for position, team in enumerate(group.teams):
            if team not in scope.catalogs and sources.complete:
                yield sources.environment.problem(
                    (*loc, "teams", position),
                    f"there is no team '{team}'",
                    did_you_mean(team, scope.catalogs, "declare it in a catalog"),
                )
        for position, workload in enumerate(group.workloads):
            team, _, item = workload.partition("/")
            at: Loc = (*loc, "workloads", position)
            if missing := sources.no_workload(workload):
                yield sources.environment.problem(at, *missing)
            elif (team, item) in scope.workloads and not has_entity(scope, (team, item)):
                yield sources.environment.problem(
                    at,
                    f"'{workload}' is people or a user, and has no entity of its own",
                    "name it in the policy's `workloads` instead, or make an external group",
                )


def _external(scope: Scope, sources: Sources, store: IdentityStore) -> Iterator[Problem]:
    assert scope.environment.vault is not None
    methods = scope.environment.vault.auth
    people = {
        (method, login.runs_as.people.group): "/".join(key)
        for key, workload in scope.workloads.items()
        for login in workload.logins
        if login.runs_as.people
        for method in scope.auth_of(login)
    }
    seen: dict[tuple[str, str], str] = {}
    for name, group in store.external_groups.items():
        loc: Loc = ("vault", "identity", "external_groups", name)
        names = sources.in_environment("vault", "auth")
        if group.auth not in names:
            yield sources.environment.problem(
                (*loc, "auth"),
                f"there is no auth method '{group.auth}'",
                did_you_mean(group.auth, names, f"declared: {_listed(names)}"),
            )
        method = methods.get(group.auth)
        if method and not (method.oidc or (method.jwt and method.jwt.groups_claim)):
            yield sources.environment.problem(
                (*loc, "auth"),
                f"auth method '{group.auth}' says nothing about groups",
                "name an oidc method, or give a jwt method its `groups_claim`",
            )
        if owner := people.get((group.auth, group.group)):
            yield sources.environment.problem(
                (*loc, "group"),
                f"'{group.group}' is workload {owner} already",
                "name the workload in the policy's `workloads` instead",
            )
        first = seen.setdefault((group.auth, group.group), name)
        if first != name:
            yield sources.environment.problem(
                (*loc, "group"), f"'{group.group}' is external group '{first}' already", "give that one the policies"
            )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
