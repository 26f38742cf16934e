"""What files cannot tell about audit: whether each region has its topic and is logged, and whether patterns fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.aws.audit.names import KEY
from strongroom.aws.audit.plan import alerts_in
from strongroom.aws.audit.spec import AwsAudit
from strongroom.aws.audit.watched import regions_of
from strongroom.aws.iam.limits import LimitError
from strongroom.aws.place import place_of
from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc, Problem

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of an environment's audit."""
    aws, source = scope.environment.aws, sources.environment
    if aws is None or (audit := aws.audit) is None:
        return
    loc: Loc = ("aws", "audit")
    if KEY in aws.keys:
        remedy = "rename it"
        yield source.problem(("aws", "keys", KEY), f"'{KEY}' is the name of the key of aws.audit", remedy, at_key=True)
    yield from (source.problem((*loc, field), what, remedy) for field, what, remedy in _regions(scope, audit))
    try:
        for region in regions_of(scope):
            alerts_in(scope, audit, region)
    except LimitError as error:
        yield source.problem(loc, *error.flaw, at_key=True)


def _regions(scope: Scope, audit: AwsAudit) -> Iterator[tuple[str, str, str]]:
    regions, home = regions_of(scope), place_of(scope).region
    if audit.trail == "own" and not audit.multi_region and len(regions) > 1:
        yield (
            "multi_region",
            f"{home} alone would be logged, and secrets are read in {', '.join(regions[1:])} too",
            "leave it at its default",
        )
    if not audit.topic_arns:
        return
    given = [arn.split(":")[3] for arn in audit.topic_arns]
    if missing := [region for region in regions if region not in given]:
        yield (
            "topic_arns",
            f"has no topic in {', '.join(missing)}, where secrets are read, and rules reach their own region only",
            "add one, or leave topic_arns out",
        )
    if more := [region for region in given if region not in regions]:
        yield "topic_arns", f"has a topic in {', '.join(more)}, where the environment has no secrets", "leave it out"
