"""Who would be somebody in two environments: IAM knows principals, and not the environment that meant them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strongroom.gcp.iam.members import members_of
from strongroom.gcp.iam.plan import workloads_of
from strongroom.gcp.secret_manager.plan import KIND
from strongroom.plan.scope import Scope, remembered
from strongroom.spec.problems import Loc, Problem

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holder:
    """Who has rights here as some principal, and where that is written."""

    who: str
    team: str | None
    """Whose catalog says so; None: the environment file does."""
    loc: Loc


def shared_identities(scope: Scope, sources: Sources, others: Iterable[Scope]) -> Iterator[Problem]:
    """The principals that have rights in other environments too. The others are looked at only if there is anybody."""
    own = _holders(scope)
    for other in others if own else ():
        there = _holders(other)
        # In the order of this environment: what is found first is told first.
        for principal, holder in own.items():
            if principal not in there:
                continue
            file = sources.catalogs[holder.team] if holder.team else sources.environment
            yield file.problem(
                holder.loc,
                f"is {principal} in Google Cloud, which is {there[principal].who} in environment {other.name}",
                "environments cannot reach each other: give it a service account of its own in each (write "
                "{{ environment }}, or use `gcp.identities.principals`), clusters of another project, or another pool",
                at_key=bool(holder.team),
            )


@remembered
def _holders(scope: Scope) -> dict[str, _Holder]:
    """Everybody to whom a secret's policy gives something, but people."""
    found: dict[str, _Holder] = {}
    if scope.environment.gcp is None:
        return found
    for workload in workloads_of(scope):
        holder = _Holder(who="/".join(workload), team=workload[0], loc=("workloads", workload[1]))
        found.update((member, holder) for member in members_of(scope, workload) if member not in found)
    for name in sorted({scope.secrets[key].rotator or "" for key in scope.stored.get(KIND, ())}):
        rotator = scope.environment.rotators.get(name)
        if rotator and rotator.gcp_topic:
            holder = _Holder(who=f"rotator {name}", team=None, loc=("rotators", name, "gcp_topic", "subscriber"))
            found.setdefault(f"serviceAccount:{rotator.gcp_topic.subscriber}", holder)
    return found
