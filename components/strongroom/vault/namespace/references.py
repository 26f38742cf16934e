"""What a namespace rules out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.plan.scope import Scope
from strongroom.spec.problems import Problem

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of an environment that lies in a namespace."""
    vault = scope.environment.vault
    if vault and vault.namespace and vault.server:
        yield sources.environment.problem(
            ("vault", "server"),
            f"{scope.name} lies in namespace '{vault.namespace.path}', where the server's settings are out of reach",
            "let an environment without a namespace set them",
        )
