"""What one file cannot tell about itself: whether the names in it mean something, and fit together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from strongroom.plan.mounts import mounts
from strongroom.plan.scope import Key, Scope, qualified
from strongroom.spec.problems import Loc, Problem, did_you_mean
from strongroom.spec.yaml_nodes import Source
from strongroom.vault.database import plan as database
from strongroom.vault.kv import plan as kv


@dataclass(frozen=True)
class Sources:
    """The files behind a scope, for the places in error messages."""

    environment: Source
    catalogs: Mapping[str, Source]
    environments: frozenset[str]
    """The names of all environments of the project."""


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """All problems of the references in one environment."""
    yield from _environment(scope, sources)
    for team in sorted(scope.catalogs):
        yield from _environment_names(scope, sources, team)
        yield from _secrets(scope, sources, team)
        yield from _workloads(scope, sources, team)
        yield from _grants(scope, sources, team)
    yield from _shared_paths(scope, sources)


def _environment(scope: Scope, sources: Sources) -> Iterator[Problem]:
    environment, source = scope.environment, sources.environment
    if environment.default_store not in environment.stores:
        yield source.problem(
            ("default_store",),
            f"there is no store '{environment.default_store}'",
            did_you_mean(environment.default_store, environment.stores, f"declared: {', '.join(environment.stores)}"),
        )
    if environment.vault is None:
        for name, store in environment.stores.items():
            if store.vault_kv:
                yield source.problem(("stores", name), "is kept in Vault, and there is no `vault` section", "add one")
    seen: dict[str, Loc] = {}
    for path, loc in mounts(scope):
        if (other := seen.setdefault(path, loc)) != loc:
            yield source.problem(
                loc, f"is mounted at '{path}', as is {'.'.join(map(str, other))}", "set another `mount`"
            )
    workloads = {"/".join(key) for key in all_workloads(scope)}
    for name, policy in (environment.vault.policies if environment.vault else {}).items():
        for position, workload in enumerate(policy.workloads):
            if workload not in workloads:
                yield source.problem(
                    ("vault", "policies", name, "workloads", position),
                    f"there is no workload '{workload}'",
                    did_you_mean(workload, workloads, "declare it in its team's catalog"),
                )


def _environment_names(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    catalog = scope.catalogs[team]
    items = [(("workloads", name), item) for name, item in catalog.workloads.items()]
    items += [(("secrets", name), item) for name, item in catalog.secrets.items()]  # type: ignore[misc]
    items += [(("grants", position), item) for position, item in enumerate(catalog.grants)]  # type: ignore[misc]
    for loc, item in items:
        for position, name in enumerate(item.environments or ()):
            if name not in sources.environments:
                yield sources.catalogs[team].problem(
                    (*loc, "environments", position),
                    f"there is no environment '{name}'",
                    did_you_mean(name, sources.environments, f"there are: {', '.join(sorted(sources.environments))}"),
                )


def _secrets(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    environment, source = scope.environment, sources.catalogs[team]
    engine = environment.vault.engines.database if environment.vault else None
    connections = engine.connections if engine else {}
    for name, secret in scope.catalogs[team].secrets.items():
        if not secret.exists_in(scope.name):
            continue
        if secret.store and secret.store not in environment.stores:
            yield source.problem(
                ("secrets", name, "store"),
                f"there is no store '{secret.store}' in {scope.name}",
                did_you_mean(secret.store, environment.stores, f"declared: {', '.join(environment.stores)}"),
            )
        if secret.database and secret.database.connection not in connections:
            yield source.problem(
                ("secrets", name, "database", "connection"),
                f"there is no database connection '{secret.database.connection}' in {scope.name}",
                did_you_mean(
                    secret.database.connection,
                    connections,
                    "declare it in the environment file, or limit `environments`",
                ),
            )


def _workloads(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    methods = scope.environment.vault.auth if scope.environment.vault else {}
    for name, workload in scope.catalogs[team].workloads.items():
        if not workload.exists_in(scope.name):
            continue
        kind, loc = workload.runs_as.kind, ("workloads", name)
        found = scope.auth_of(workload)
        if workload.auth and workload.auth not in methods:
            yield sources.catalogs[team].problem(
                (*loc, "auth"),
                f"there is no auth method '{workload.auth}' in {scope.name}",
                did_you_mean(workload.auth, methods, f"declared: {', '.join(methods) or 'none'}"),
            )
        elif not found:
            declared = [f"{other} ({', '.join(method.accepts)})" for other, method in methods.items()]
            yield sources.catalogs[team].problem(
                (*loc, "runs_as"),
                f"no auth method of {scope.name} accepts {kind}",
                f"the environment file declares: {', '.join(declared) or 'none'}",
            )
        elif len(found) > 1:
            yield sources.catalogs[team].problem(
                (*loc, "runs_as"),
                f"several auth methods of {scope.name} accept {kind}: {', '.join(found)}",
                "choose one with `auth`",
            )


def all_workloads(scope: Scope) -> set[Key]:
    """The workloads of all environments: a reference to one that exists elsewhere is not dangling."""
    return {(team, name) for team, catalog in scope.catalogs.items() for name in catalog.workloads}


def _grants(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    catalog, source = scope.catalogs[team], sources.catalogs[team]
    workloads = all_workloads(scope)
    seen: dict[tuple[Key, str, tuple[str, ...] | None], int] = {}
    for position, grant in enumerate(catalog.grants):
        loc: Loc = ("grants", position)
        workload = qualified(team, grant.workload)
        if workload not in workloads:
            names = [name if owner == team else f"{owner}/{name}" for owner, name in sorted(workloads)]
            yield source.problem(
                (*loc, "workload"),
                f"there is no workload '{grant.workload}'",
                did_you_mean(grant.workload, names, "declare it under `workloads`"),
            )
        if grant.secret not in catalog.secrets:
            yield source.problem(
                (*loc, "secret"),
                f"team {team} has no secret '{grant.secret}'",
                did_you_mean(
                    grant.secret,
                    catalog.secrets,
                    "declare it under `secrets`; a secret is granted in the catalog of its own team",
                ),
            )
            continue
        verbs = database.VERBS if catalog.secrets[grant.secret].database else kv.VERBS
        for verb_position, verb in enumerate(grant.can):
            if verb not in verbs:
                yield source.problem(
                    (*loc, "can", verb_position),
                    f"'{verb}' is not possible for credentials made on demand",
                    f"possible: {', '.join(verbs)}",
                )
        first = seen.setdefault((workload, grant.secret, grant.environments), position)
        if first != position:
            yield source.problem(loc, f"says the same as grants[{first}]", "write one grant with all its verbs")


def _shared_paths(scope: Scope, sources: Sources) -> Iterator[Problem]:
    owners: dict[tuple[str, str], Key] = {}
    for key, secret in scope.secrets.items():
        store = secret.store or scope.environment.default_store
        if secret.database or store not in scope.environment.stores:
            continue
        place = (store, scope.secret_path(key))
        if (owner := owners.setdefault(place, key)) != key:
            team, name = key
            yield sources.catalogs[team].problem(
                ("secrets", name, "path") if secret.path else ("secrets", name),
                f"is kept at '{place[1]}' in store {store}, as is {'/'.join(owner)}",
                "one secret has one owner: give it another path, or ask that team for a grant",
                at_key=not secret.path,
            )
