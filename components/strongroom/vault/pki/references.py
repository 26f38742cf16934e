"""What a catalog cannot tell about its certificates: whether an environment has an engine for them, gives the team the
domains, lets them live as long, and has ACME."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.plan.scope import Scope
from strongroom.spec.domains import lies_in
from strongroom.spec.names import duration
from strongroom.spec.problems import Loc, Problem, did_you_mean
from strongroom.vault.pki.plan import engine_of
from strongroom.vault.pki.spec import Certificate, PkiEngine

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
        yield from _certificate(scope, sources, team, loc, wanted, engine)
    for position, grant in enumerate(scope.catalogs[team].grants):
        granted = scope.catalogs[team].secrets.get(grant.secret)
        if granted and granted.certificate and not granted.certificate.acme and "acme" in grant.can:
            yield source.problem(
                ("grants", position, "can", grant.can.index("acme")),
                f"the certificates of '{grant.secret}' are not given by ACME",
                f"set `acme: true` at secrets.{grant.secret}.certificate",
            )


def check_environment(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of an environment's ACME with what the catalogs have."""
    engine = engine_of(scope)
    if engine is None or engine.acme is None or engine.acme.default_directory is None or not sources.complete:
        return
    given = {"/".join(key) for key, secret in scope.secrets.items() if secret.certificate and secret.certificate.acme}
    if (wanted := engine.acme.default_directory) not in given:
        yield sources.environment.problem(
            ("vault", "engines", "pki", "acme", "default_directory"),
            f"there is no secret '{wanted}' in {scope.name} whose certificates are given by ACME",
            did_you_mean(wanted, given, "write team/secret, and set `acme: true` at its certificate"),
        )


def _certificate(
    scope: Scope, sources: Sources, team: str, loc: Loc, wanted: Certificate, engine: PkiEngine
) -> Iterator[Problem]:
    source = sources.catalogs[team]
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
    if wanted.acme and engine.acme is None:
        yield source.problem(
            (*loc, "acme"),
            f"certificates are not given by ACME in {scope.name}",
            "declare `vault.engines.pki.acme` in the environment file, or leave `acme` out",
        )
