"""What one file cannot tell about its databases: whether there is such a connection and policy, whether a secret's
access and statements are ones that the connection's plugin takes, and whether statements give too much away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from strongroom.plan.scope import Key, Scope
from strongroom.spec.problems import Loc, Problem, did_you_mean
from strongroom.vault.database.plugins.server import Language, Server
from strongroom.vault.database.privileges import findings
from strongroom.vault.database.render import ACCESS, DEFAULT_SCHEMA
from strongroom.vault.database.spec import DatabaseAccess, DatabaseStaticRole, Statements

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

CANNOT_REVOKE_BY_ITSELF: Final[frozenset[Language]] = frozenset({"postgresql"})
"""Languages in which `revocation` must be written: the plugin's own way leaves behind what a login owns."""


def check(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    """The problems of one team's database secrets in one environment."""
    source, servers = sources.catalogs[team], _servers(scope)
    connections = sources.in_environment("vault", "engines", "database", "connections")
    for name, secret in scope.catalogs[team].secrets.items():
        asked = secret.database or secret.database_static_role
        if asked is None or not secret.exists_in(scope.name):
            continue
        loc: Loc = ("secrets", name, secret.kind)
        if asked.connection not in connections:
            yield source.problem(
                (*loc, "connection"),
                f"there is no database connection '{asked.connection}' in {scope.name}",
                did_you_mean(
                    asked.connection, connections, "declare it in the environment file, or limit `environments`"
                ),
            )
        elif server := servers.get(asked.connection):
            found = _access(asked, server) if isinstance(asked, DatabaseAccess) else _static(asked, servers)
            for place, message, remedy in found:
                yield source.problem((*loc, *place), message, remedy)
            for place, text in _texts(asked):
                for what, remedy in findings(server.language, text, server.username):
                    yield source.problem((*loc, *place), f"this statement {what}", remedy)


def check_environment(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """Whether connections name password policies that there are, and all have a login each of its own."""
    policies = sources.in_environment("vault", "password_policies")
    servers = _servers(scope)
    yield from _shared_logins(scope, sources, servers)
    for name, server in servers.items():
        loc: Loc = ("vault", "engines", "database", "connections", name, _kind(scope, name))
        if server.password_policy and server.password_policy not in policies:
            yield sources.environment.problem(
                (*loc, "password_policy"),
                f"there is no password policy '{server.password_policy}'",
                did_you_mean(server.password_policy, policies, "declare it under `vault: password_policies:`"),
            )
        for other in servers:
            if other < name and server.username == servers[other].username and _same_place(server, servers[other]):
                yield sources.environment.problem(
                    (*loc, "username"),
                    f"'{server.username}' is also what connection {other} logs in with",
                    "make a login for each: the first to change the password locks the other out",
                )


def _kind(scope: Scope, connection: str) -> str:
    assert scope.environment.vault is not None
    assert scope.environment.vault.engines.database is not None
    return scope.environment.vault.engines.database.connections[connection].kind


def _servers(scope: Scope) -> dict[str, Server]:
    """The connections whose description is sound, by name."""
    engine = scope.environment.vault.engines.database if scope.environment.vault else None
    return {name: connection.server for name, connection in (engine.connections if engine else {}).items()}


Found = tuple[Loc, str, str]


def _access(access: DatabaseAccess, server: Server) -> Iterator[Found]:
    possible = ACCESS.get(server.language, ())
    if access.access and access.access not in possible:
        remedy = "write `statements`" + (f", or choose from {', '.join(possible)}" if possible else "")
        yield ("access",), f"'{access.access}' is not defined for {server.language}", remedy
    if access.access and possible and not access.db_schema and server.language not in DEFAULT_SCHEMA:
        what = {"cassandra": "keyspace"}.get(server.language, "database")
        yield (
            ("access",),
            f"says nothing without a schema: {server.language} has no default one",
            f"add `schema`, the name of the {what}",
        )
    if (by_hand := access.statements) and not by_hand.revocation and server.language in CANNOT_REVOKE_BY_ITSELF:
        yield ("statements",), "do not say how to revoke", "add `revocation`: what is not revoked stays"


def _static(static: DatabaseStaticRole, servers: Mapping[str, Server]) -> Iterator[Found]:
    for name, server in servers.items():
        if server.username == static.username and _same_place(server, servers[static.connection]):
            what = f"'{static.username}' is what connection {name} logs in with"
            yield ("username",), what, "give the workload a login of its own: each would take the other's password away"


def _shared_logins(scope: Scope, sources: Sources, servers: Mapping[str, Server]) -> Iterator[Problem]:
    """Static roles of one login: each would take the other's password away."""
    rivals: dict[str, list[tuple[Key, Server]]] = {}
    for key, secret in scope.secrets.items():
        if not (static := secret.database_static_role) or not (here := servers.get(static.connection)):
            continue
        same_name = rivals.setdefault(static.username, [])
        for other, there in same_name:
            if _same_place(there, here):
                yield sources.catalogs[key[0]].problem(
                    ("secrets", key[1], secret.kind, "username"),
                    f"'{static.username}' is also that of secret {'/'.join(other)}",
                    "grant that secret instead: each would take the other's password away",
                )
        same_name.append((key, here))


def _same_place(one: Server, other: Server) -> bool:
    return (one.hosts_reached, getattr(one, "port", None)) == (other.hosts_reached, getattr(other, "port", None))


def _texts(asked: DatabaseAccess | DatabaseStaticRole) -> Iterator[tuple[Loc, str]]:
    """The statements written by hand, each with its place."""
    lists: dict[Loc, tuple[str, ...]]
    if isinstance(asked, DatabaseStaticRole):
        lists = {("rotation_statements",): asked.rotation_statements}
    elif asked.statements:
        lists = {("statements", name): getattr(asked.statements, name) for name in Statements.model_fields}
    else:
        return
    for place, texts in lists.items():
        for position, text in enumerate(texts):
            yield (*place, position), text
