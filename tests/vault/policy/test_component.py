"""ACL policies."""

import pulumi

from strongroom.vault.policy.component import VaultPolicies
from support.mocks import record

TEXT = 'path "kv/data/a" {\n  capabilities = ["read"]\n}\n'


def test_a_policy_is_registered_with_its_own_name_and_exactly_its_text() -> None:
    made = record(lambda: VaultPolicies("policies", {"policies": {"prod.payments.checkout": TEXT}}))
    policy = made.named("policies-prod.payments.checkout")
    assert policy.type == "vault:index/policy:Policy"
    assert policy.parent == "policies"
    assert policy.inputs == {"name": "prod.payments.checkout", "policy": TEXT}


def test_one_more_policy_changes_no_other_whatever_the_order() -> None:
    few = record(lambda: VaultPolicies("p", {"policies": {"b": TEXT, "c": TEXT}}))
    many = record(lambda: VaultPolicies("p", {"policies": {"a": TEXT, "c": TEXT, "b": TEXT}}))
    assert {leaf.urn for leaf in few.leaves} < {leaf.urn for leaf in many.leaves}


def test_no_policies_are_a_component_without_resources() -> None:
    made = record(lambda: VaultPolicies("p", {"policies": {}}))
    assert made.leaves == []
    assert made.outputs["p"] == {}


def test_a_text_may_be_an_output() -> None:
    def program() -> None:
        VaultPolicies("p", {"policies": {"a": pulumi.Output.from_input(TEXT)}})

    made = record(program)
    assert made.named("p-a").inputs["policy"] == TEXT
