"""Quotas as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf
from strongroom.vault.quota.plan import LeaseCount, RateLimit


class VaultRateLimitArgs(TypedDict):
    """A rate limit."""

    path: pulumi.Input[str]
    """The mount that it is for, with its namespace in front if it lies in one, and a slash at its end."""
    rate: float
    """Requests in each interval."""
    interval_seconds: NotRequired[int]
    """The interval. Default 1."""
    block_seconds: NotRequired[int]
    """How long whoever exceeds it is refused everything. Default 0: only what is too much is refused."""
    role: NotRequired[str]
    """Only logins with this role."""


class VaultLeaseCountArgs(TypedDict):
    """A limit of leases."""

    path: pulumi.Input[str]
    """The mount that it is for, with its namespace in front if it lies in one, and a slash at its end."""
    max_leases: int
    """The number of leases at which no more are given."""
    role: NotRequired[str]
    """Only logins with this role."""


class VaultQuotasArgs(TypedDict):
    """Quotas of one environment."""

    rate_limits: NotRequired[dict[str, VaultRateLimitArgs]]
    """Rate limits by name; names are global to a server."""
    lease_counts: NotRequired[dict[str, VaultLeaseCountArgs]]
    """Limits of leases by name. HashiCorp Vault Enterprise only."""


class VaultQuotas(pulumi.ComponentResource):
    """Quotas: no mount takes more of a server than it should."""

    def __init__(self, name: str, args: VaultQuotasArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultQuotas", name, None, opts)
        for quota, limit in args.get("rate_limits", {}).items():
            vault.QuotaRateLimit(
                f"{name}-{quota}",
                name=quota,
                path=limit["path"],
                rate=limit["rate"],
                interval=limit.get("interval_seconds", 1),
                block_interval=limit.get("block_seconds", 0),
                role=limit.get("role") or None,
                opts=leaf(self),
            )
        for quota, count in args.get("lease_counts", {}).items():
            vault.QuotaLeaseCount(
                f"{name}-{quota}",
                name=quota,
                path=count["path"],
                max_leases=count["max_leases"],
                role=count.get("role") or None,
                opts=leaf(self),
            )
        self.register_outputs({})


def deploy(plan: Plan, stage: Stage) -> None:
    """The quotas of a plan, once the mounts that they are for are there."""
    limits, counts = plan.of(RateLimit), plan.of(LeaseCount)
    paths = {limit.mount for limit in limits} | {count.mount for count in counts}
    of_mounts = [stage.containers[path] for path in sorted(paths) if path in stage.containers]
    VaultQuotas(
        f"quotas-{plan.environment}",
        {
            "rate_limits": {
                r.name: {
                    "path": r.path,
                    "rate": r.rate,
                    "interval_seconds": r.interval_seconds,
                    "block_seconds": r.block_seconds,
                    "role": r.role,
                }
                for r in limits
            },
            "lease_counts": {r.name: {"path": r.path, "max_leases": r.max_leases, "role": r.role} for r in counts},
        },
        component_options(stage, after=of_mounts),
    )
