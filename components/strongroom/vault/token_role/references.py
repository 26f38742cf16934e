"""What token roles name must be there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.plan.scope import Scope
from strongroom.spec.problems import Problem, did_you_mean

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of an environment's token roles."""
    vault = scope.environment.vault
    known = sources.in_environment("vault", "policies")
    for name, role in (vault.token_roles if vault else {}).items():
        for field in ("creators", "allowed_policies", "disallowed_policies"):
            for position, written in enumerate(getattr(role, field)):
                loc = ("vault", "token_roles", name, field, position)
                if "/" in written:
                    if missing := sources.no_workload(written):
                        yield sources.environment.problem(loc, *missing)
                elif written not in known:
                    remedy = did_you_mean(written, known, f"declared: {', '.join(known) or 'none'}")
                    yield sources.environment.problem(loc, f"there is no policy '{written}'", remedy)
        for field in ("allowed_policies_glob", "disallowed_policies_glob"):
            for position, glob in enumerate(getattr(role, field)):
                team = glob.partition(".")[0]
                if team not in scope.catalogs and sources.complete:
                    yield sources.environment.problem(
                        ("vault", "token_roles", name, field, position),
                        f"there is no team '{team}' whose policies could begin so",
                        did_you_mean(team, scope.catalogs, "declare it in a catalog"),
                    )
