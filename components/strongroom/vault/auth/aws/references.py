"""What a catalog cannot tell about its AWS identities: whether the auth method tells such a principal from others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc, Problem
from strongroom.vault.aws.arns import has_path

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    """The problems of one team's AWS identities in one environment."""
    methods = scope.environment.vault.auth if scope.environment.vault else {}
    for name, workload in scope.catalogs[team].workloads.items():
        if not workload.exists_in(scope.name):
            continue
        for position, login in enumerate(workload.logins):
            found = [method.aws for method in (methods[found] for found in scope.auth_of(login)) if method.aws]
            if not (aws_iam := login.runs_as.aws_iam) or len(found) != 1 or found[0].resolve_aws_unique_ids:
                continue
            if has_path(aws_iam.principal_arn):
                where: Loc = ("also", position - 1) if position else ()
                yield sources.catalogs[team].problem(
                    ("workloads", name, *where, "runs_as", "aws_iam", "principal_arn"),
                    "a principal below a path cannot be told from one of the same name elsewhere, as the auth method "
                    f"of {scope.name} has no resolve_aws_unique_ids",
                    "turn that on, or name a principal without a path",
                )
