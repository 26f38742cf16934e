"""Rate limits, and limits of leases (Vault Enterprise)."""

import pulumi_vault

from ..frame.row import words
from .path_row import PathRow

ROWS = (
    PathRow(
        resource=pulumi_vault.QuotaRateLimit,
        id="{name}",
        path="sys/quotas/rate-limit/{name}",
        autonamed=True,
        replaces=words("name namespace path"),
        computed=words("interval groupBy"),  # servers that have it say `ip`
        write_only=words("inheritable"),  # the server tells, the official provider does not ask
    ),
    PathRow(
        resource=pulumi_vault.QuotaLeaseCount,
        id="{name}",
        path="sys/quotas/lease-count/{name}",
        autonamed=True,
        replaces=words("name namespace"),
        write_only=words("inheritable"),
    ),
)
