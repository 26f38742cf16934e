"""All rules of the pack, one line each."""

from __future__ import annotations

from strongroom_policies.frame.rule import Rule
from strongroom_policies.separation import s01_cross_environment_reach
from strongroom_policies.vault import (
    v02_wildcard_write,
    v04_writes_policies,
    v10_shadowed_deny,
    v26_superuser_statements,
    v30_no_audit_device,
)

RULES: tuple[Rule, ...] = (
    v02_wildcard_write.RULE,
    v04_writes_policies.RULE,
    v10_shadowed_deny.RULE,
    v26_superuser_statements.RULE,
    v30_no_audit_device.RULE,
    s01_cross_environment_reach.RULE,
)
