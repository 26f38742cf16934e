"""What a quota cannot tell about itself: whether its mount is one of the environment's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.plan.mounts import mounts
from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc, Problem, did_you_mean

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of an environment's quotas."""
    vault = scope.environment.vault
    if vault is None or not vault.quotas:
        return
    own = [path for path, _ in mounts(scope)]
    for name, quota in vault.quotas.items():
        loc: Loc = ("vault", "quotas", name, quota.kind)
        if quota.value.mount not in own:
            yield sources.environment.problem(
                (*loc, "mount"),
                f"'{quota.value.mount}' is no mount of {scope.name}, and a quota is for one of an environment's own",
                did_you_mean(quota.value.mount, own, f"its mounts: {', '.join(own) or 'none'}"),
            )
        elif quota.value.role and not quota.value.mount.startswith("auth/"):
            yield sources.environment.problem(
                (*loc, "role"),
                f"'{quota.value.mount}' is no auth method, and only logins have roles",
                "leave `role` out, or name the mount of an auth method",
            )
