"""Crossings between environments: one for each rule and environment it reaches, with a path that proves it."""

import pytest

from strongroom.access.separation import crossings, names_of
from strongroom.plan.plan import Plan
from strongroom.vault.policy.plan import Policy
from strongroom.vault.policy.render import PathRule


def _plan(*rules: PathRule) -> Plan:
    policy = Policy(slice="platform", name="dev.platform.p", derived=False, heading="", rules=rules)
    return Plan("dev", "all", (policy,))


def _found(*rules: PathRule) -> list[str]:
    others = {"prod": ["kv-prod", "auth/cluster-prod"], "qa": ["kv-qa"]}
    return [str(crossing) for crossing in crossings(_plan(*rules), others, {name: names_of(name) for name in others})]


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


@pytest.mark.parametrize(
    "place",
    [
        "auth/token/create",
        "auth/token/roles",
        "identity/entity/name",
        "identity/group/name",
        "sys/policies/acl",
        "sys/policies/password",
        "sys/policy",
    ],
)
def test_a_rule_on_what_has_a_name_of_another_environment_is_a_crossing(place: str) -> None:
    path = f"{place}/prod.payments.checkout"
    assert _found(PathRule(path, ("update",))) == [
        f'policy dev.platform.p of dev reaches prod: rule "{path}" matches {path}'
    ]
    assert _found(PathRule(f"{place}/dev.*", ("update",))) == []


def test_a_rule_on_all_policies_of_a_server_reaches_those_of_every_environment() -> None:
    assert _found(PathRule("sys/policies/*", ("update",))) == [
        'policy dev.platform.p of dev reaches prod: rule "sys/policies/*" matches sys/policies/acl/prod.x',
        'policy dev.platform.p of dev reaches qa: rule "sys/policies/*" matches sys/policies/acl/qa.x',
    ]


def test_names_in_another_namespace_are_out_of_reach() -> None:
    policy = Policy(
        slice="platform",
        name="dev.platform.p",
        derived=False,
        heading="",
        rules=(PathRule("sys/policies/acl/*", ("update",)),),
    )
    plan = Plan("dev", "all", (policy,), "inner")
    assert plan.namespace == "inner"
    assert not list(crossings(plan, {}, {"prod": names_of("prod")}))
    (found,) = crossings(plan, {}, {"prod": [f"inner/{path}" for path in names_of("prod")]})
    assert found.witness == "sys/policies/acl/prod.x"
