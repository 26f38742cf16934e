"""Crossings between environments: one for each rule and environment it reaches, with a path that proves it."""

from strongroom.access.separation import crossings
from strongroom.plan.plan import Plan
from strongroom.vault.policy.plan import Policy
from strongroom.vault.policy.render import PathRule


def _plan(*rules: PathRule) -> Plan:
    policy = Policy(slice="platform", name="dev.platform.p", derived=False, heading="", rules=rules)
    return Plan("dev", "all", (policy,))


def _found(*rules: PathRule) -> list[str]:
    others = {"prod": ["kv-prod", "auth/cluster-prod"], "qa": ["kv-qa"]}
    return [str(crossing) for crossing in crossings(_plan(*rules), others)]


def test_a_rule_that_reaches_two_environments_is_two_crossings() -> None:
    assert _found(PathRule("+/data/*", ("read",))) == [
        'policy dev.platform.p of dev reaches prod: rule "+/data/*" matches kv-prod/data/',
        'policy dev.platform.p of dev reaches qa: rule "+/data/*" matches kv-qa/data/',
    ]


def test_a_rule_that_reaches_two_mounts_of_an_environment_is_one_crossing() -> None:
    assert _found(PathRule("*", ("list",))) == [
        'policy dev.platform.p of dev reaches prod: rule "*" matches kv-prod/',
        'policy dev.platform.p of dev reaches qa: rule "*" matches kv-qa/',
    ]


def test_an_exact_path_into_another_environment_is_found() -> None:
    assert _found(PathRule("kv-prod/data/x", ("read",)), PathRule("auth/cluster-prod/role/x", ("update",))) == [
        'policy dev.platform.p of dev reaches prod: rule "kv-prod/data/x" matches kv-prod/data/x',
        'policy dev.platform.p of dev reaches prod: rule "auth/cluster-prod/role/x" matches auth/cluster-prod/role/x',
    ]


def test_rules_that_deny_or_stay_at_home_are_no_crossings() -> None:
    assert _found(PathRule("*", ("deny",)), PathRule("kv-dev/*", ("read",)), PathRule("sys/health", ("read",))) == []
