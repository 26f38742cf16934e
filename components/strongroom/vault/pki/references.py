"""What a catalog cannot tell about its certificates: whether an environment has an engine for them, gives the team the
domains, and lets them live as long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.plan.scope import Scope
from strongroom.spec.domains import lies_in
from strongroom.spec.names import duration
from strongroom.spec.problems import Loc, Problem
from strongroom.vault.pki.plan import engine_of

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    """The problems of one team's certificates in one environment."""
    source, engine = sources.catalogs[team], engine_of(scope)
    for name, secret in scope.catalogs[team].secrets.items():
        if (wanted := secret.certificate) is None or not secret.exists_in(scope.name):
            continue
        loc: Loc = ("secrets", name, "certificate")
        if engine is None:
            if "pki" not in sources.engines:
                yield source.problem(
                    loc,
                    f"there is no PKI engine in {scope.name}",
                    "declare `vault.engines.pki` in the environment file, or limit `environments`",
                )
            continue
        domains = engine.domains.get(team, ())
        for position, domain in enumerate(wanted.allowed_domains):
            if not any(lies_in(domain, given) for given in domains):
                yield source.problem(
                    (*loc, "allowed_domains", position),
                    f"team {team} may have no certificate for '{domain}' in {scope.name}",
                    f"vault.engines.pki.domains of the environment file gives it: {', '.join(domains) or 'none'}",
                )
        if wanted.max_ttl > engine.intermediate.ttl:
            yield source.problem(
                (*loc, "max_ttl") if "max_ttl" in wanted.model_fields_set else loc,
                f"max_ttl {duration(wanted.max_ttl)} is longer than the authority itself lives in {scope.name}, "
                f"{duration(engine.intermediate.ttl)}",
                "lower max_ttl",
            )
