"""Quotas as a component."""

from strongroom.vault.quota.component import VaultQuotas
from support.mocks import record


def test_a_limit_without_settings_counts_by_the_second_and_blocks_nobody() -> None:
    made = record(lambda: VaultQuotas("q", {"rate_limits": {"prod.kv": {"path": "kv-prod", "rate": 20.5}}}))
    assert made.named("q-prod.kv").inputs == {
        "name": "prod.kv",
        "path": "kv-prod",
        "rate": 20.5,
        "interval": 1,
        "blockInterval": 0,
    }


def test_limits_have_all_settings_that_were_given() -> None:
    made = record(
        lambda: VaultQuotas(
            "q",
            {
                "rate_limits": {
                    "a": {"path": "auth/m", "rate": 1, "interval_seconds": 60, "block_seconds": 9, "role": "r"}
                },
                "lease_counts": {"b": {"path": "database-prod", "max_leases": 7}},
            },
        )
    )
    limit, count = made.named("q-a"), made.named("q-b")
    assert (limit.inputs["interval"], limit.inputs["blockInterval"], limit.inputs["role"]) == (60, 9, "r")
    assert count.type == "vault:index/quotaLeaseCount:QuotaLeaseCount"
    assert count.inputs == {"name": "b", "path": "database-prod", "maxLeases": 7}
