"""What a catalog cannot tell about its SSH certificates: whether an environment has an engine for them, and gives the
team the users and hosts that it names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.plan.scope import Scope
from strongroom.spec.domains import lies_in
from strongroom.spec.problems import Loc, Problem
from strongroom.vault.ssh.plan import engine_of

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    """The problems of one team's SSH certificates in one environment."""
    source, engine = sources.catalogs[team], engine_of(scope)
    for name, secret in scope.catalogs[team].secrets.items():
        if (wanted := secret.ssh_certificate) is None or not secret.exists_in(scope.name):
            continue
        loc: Loc = ("secrets", name, "ssh_certificate")
        if engine is None:
            if "ssh" not in sources.engines:
                yield source.problem(
                    loc,
                    f"there is no SSH engine in {scope.name}",
                    "add `vault: {engines: {ssh: {}}}` to the environment file, or limit `environments`",
                )
            continue
        users = engine.principals.get(team, ())
        for position, principal in enumerate(wanted.user.principals if wanted.user else ()):
            if principal not in users:
                yield source.problem(
                    (*loc, "user", "principals", position),
                    f"team {team} may not log in as '{principal}' in {scope.name}",
                    f"vault.engines.ssh.principals of the environment file gives it: {', '.join(users) or 'nobody'}",
                )
        domains = engine.host_domains.get(team, ())
        for position, host in enumerate(wanted.host.domains if wanted.host else ()):
            if not any(lies_in(host, domain) for domain in domains):
                yield source.problem(
                    (*loc, "host", "domains", position),
                    f"team {team} may have no host '{host}' in {scope.name}",
                    f"vault.engines.ssh.host_domains of the environment file gives it: {', '.join(domains) or 'none'}",
                )
