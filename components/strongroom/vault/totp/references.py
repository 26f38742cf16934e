"""What a catalog cannot tell about its one-time codes: whether an environment has an engine for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.plan.scope import Scope
from strongroom.spec.problems import Problem

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    """The problems of one team's one-time codes in one environment."""
    for name, secret in scope.catalogs[team].secrets.items():
        if secret.totp and secret.exists_in(scope.name) and "totp" not in sources.engines:
            yield sources.catalogs[team].problem(
                ("secrets", name, "totp"),
                f"there is no TOTP engine in {scope.name}",
                "add `vault: {engines: {totp: {}}}` to the environment file, or limit `environments`",
            )
