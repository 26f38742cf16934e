"""Secrets that are credentials of an adopted role: what a verb on one needs, and whether the role is there."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from strongroom.plan.scope import Key, Scope
from strongroom.spec.problems import Problem, did_you_mean
from strongroom.vault.adopted.spec_engines import AdoptedDatabaseEngine

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

WHAT: Final = "credentials of a role that was there before"
LEASED: Final = True
VERBS: Final[Mapping[str, tuple[str, ...]]] = {"read": ("read",)}
"""Reading issues them, or of a static role tells the current ones; there is nothing to write or delete."""


def rules(scope: Scope, secret: Key, verb: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The path and capabilities that one verb on one secret needs."""
    access = scope.secrets[secret].adopted_role
    assert access is not None
    kind = "creds" if access.role else "static-creds"
    yield f"{access.engine}/{kind}/{access.role or access.static_role}", VERBS[verb]


def check(scope: Scope, sources: "Sources", team: str) -> Iterator[Problem]:
    """The problems of one team's secrets of this kind."""
    vault = scope.environment.vault
    adopted = vault.adopted.engines if vault and vault.adopted else {}
    engines = {path: engine.value for path, engine in adopted.items() if engine.database}
    for name, secret in scope.catalogs[team].secrets.items():
        access = secret.adopted_role
        if access is None or not secret.exists_in(scope.name):
            continue
        source, loc = sources.catalogs[team], ("secrets", name, "adopted_role")
        engine: AdoptedDatabaseEngine | None = engines.get(access.engine)
        if engine is None:
            yield source.problem(
                (*loc, "engine"),
                f"no database engine is adopted at '{access.engine}' in {scope.name}",
                did_you_mean(access.engine, engines, "adopt it, or limit `environments`"),
            )
            continue
        field, roles = ("role", engine.roles) if access.role else ("static_role", engine.static_roles)
        wanted = access.role or access.static_role or ""
        if wanted not in roles:
            yield source.problem(
                (*loc, field),
                f"'{access.engine}' has no adopted {field.replace('_', ' ')} '{wanted}' in {scope.name}",
                did_you_mean(wanted, roles, "adopt it, or limit `environments`"),
            )


def check_environment(scope: Scope, sources: "Sources") -> Iterator[Problem]:
    """One secret has one owner: of two that are the same role, neither team could say who reads it."""
    owners: dict[tuple[str, bool, str], Key] = {}
    for key, secret in scope.secrets.items():
        if (access := secret.adopted_role) is None:
            continue
        # The server knows roles of databases in lower case.
        role = (access.engine, access.role is None, (access.role or access.static_role or "").lower())
        if (owner := owners.setdefault(role, key)) != key:
            team, name = key
            yield sources.catalogs[team].problem(
                ("secrets", name, "adopted_role"),
                f"'{access.engine}' has one role '{access.role or access.static_role}', and it is {'/'.join(owner)}",
                "one secret has one owner: declare it in one catalog only, and ask that team for a grant",
            )
