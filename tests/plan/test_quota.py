"""Quotas: what may be written and what is planned."""

from pathlib import Path

import pytest

from strongroom.vault.quota.plan import LeaseCount, RateLimit
from support.docs import example
from support.projects import PROD, ProjectFolder


def _with(folder: ProjectFolder, quota: str, more: str = "") -> ProjectFolder:
    return folder.append(PROD, f"vault: {{quotas: {{q: {quota}}}{more}}}\n")


def test_a_rate_limit_is_for_one_mount_and_names_its_environment(folder: ProjectFolder) -> None:
    _with(folder, "{rate_limit: {mount: kv-prod, rate: 200, interval: 10s, block: 1m}}")
    assert folder.plan("prod").of(RateLimit) == (
        RateLimit(
            slice="platform",
            name="prod.q",
            mount="kv-prod",
            path="kv-prod/",
            role="",
            rate=200,
            interval_seconds=10,
            block_seconds=60,
        ),
    )
    assert folder.plan("dev").of(RateLimit) == ()


def test_in_a_namespace_the_path_says_so_as_quotas_belong_to_the_server(folder: ProjectFolder) -> None:
    _with(
        folder,
        "{rate_limit: {mount: auth/cluster-prod, rate: 5, role: r}}",
        ", flavour: openbao, namespace: {path: shop/prod}",
    )
    (limit,) = folder.plan("prod").of(RateLimit)
    assert (limit.mount, limit.path, limit.role) == ("auth/cluster-prod", "shop/prod/auth/cluster-prod/", "r")


def test_leases_are_counted_where_the_server_can(folder: ProjectFolder) -> None:
    found = _with(folder, "{lease_count: {mount: database-prod, max_leases: 500}}", ", edition: enterprise")
    (count,) = found.plan("prod").of(LeaseCount)
    assert (count.name, count.path, count.max_leases) == ("prod.q", "database-prod/", 500)


@pytest.mark.parametrize(
    ("quota", "problem"),
    [
        ("{rate_limit: {mount: kv-dev, rate: 1}}", "'kv-dev' is no mount of prod, and a quota is for one of an"),
        ("{rate_limit: {mount: kv-pord, rate: 1}}", "did you mean 'kv-prod'"),
        ("{rate_limit: {mount: kv-prod, rate: 1, role: r}}", "'kv-prod' is no auth method, and only logins have roles"),
        ("{rate_limit: {mount: kv-prod, rate: 0}}", ".rate: "),
        ("{rate_limit: {mount: kv-prod, rate: 1, interval: 0s}}", ".interval: the duration is 0"),
        ("{rate_limit: {rate: 1}}", "'mount' is missing"),
        ("{rate_limit: {mount: kv-prod, rate: 1}, lease_count: {mount: kv-prod, max_leases: 1}}", "at once; name"),
        ("{}", "no quota is given"),
    ],
)
def test_what_cannot_be_a_quota_is_refused(folder: ProjectFolder, quota: str, problem: str) -> None:
    (found,) = _with(folder, quota).problems()
    assert "environments/prod.yaml:4:" in found
    assert problem in found


def test_the_example_of_the_documentation_is_sound(tmp_path: Path) -> None:
    plan = example("vault/quotas.md", tmp_path).plan("prod")
    assert [(limit.name, limit.path) for limit in plan.of(RateLimit)] == [
        ("prod.logins", "auth/cluster-prod/"),
        ("prod.values", "kv-prod/"),
    ]
