"""Who would be somebody in two environments: IAM knows principals, and not the environment that meant them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from strongroom.gcp.iam.members import members_of
from strongroom.gcp.iam.plan import workloads_of
from strongroom.gcp.secret_manager.plan import KIND
from strongroom.plan.holders import Holder, shared
from strongroom.plan.scope import Scope, remembered
from strongroom.spec.problems import Problem

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def shared_identities(scope: Scope, sources: Sources, others: Iterable[Scope]) -> Iterator[Problem]:
    """The principals that have rights in other environments too."""
    for principal, holder, elsewhere in shared(scope, others, _holders):
        yield holder.problem(
            sources,
            f"is {principal} in Google Cloud, which is {elsewhere}",
            "environments cannot reach each other: give it a service account of its own in each (write "
            "{{ environment }}, or use `gcp.identities.principals`), clusters of another project, or another pool",
        )


@remembered
def _holders(scope: Scope) -> dict[str, Holder]:
    """Everybody to whom a secret's policy gives something, but people."""
    found: dict[str, Holder] = {}
    if scope.environment.gcp is None:
        return found
    for workload in workloads_of(scope):
        holder = Holder(who="/".join(workload), team=workload[0], loc=("workloads", workload[1]))
        found.update((member, holder) for member in members_of(scope, workload) if member not in found)
    for name in sorted({scope.secrets[key].rotator or "" for key in scope.stored.get(KIND, ())}):
        rotator = scope.environment.rotators.get(name)
        if rotator and rotator.gcp_topic:
            holder = Holder(who=f"rotator {name}", team=None, loc=("rotators", name, "gcp_topic", "subscriber"))
            found.setdefault(f"serviceAccount:{rotator.gcp_topic.subscriber}", holder)
    return found
