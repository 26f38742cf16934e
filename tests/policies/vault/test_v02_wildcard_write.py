"""V02: write access to everything."""

import pytest

from support.policy_pack import APPROLE, JWT, POLICY, UNKNOWN, Stack, secret

WRITE_ALL = 'path "*" { capabilities = ["create", "read", "update"] }'
DENY_ALL = 'path "*" { capabilities = ["deny"] }'


@pytest.mark.parametrize("path", ["*", "/*", "+", "+/*", "+/+/*"])
@pytest.mark.parametrize("capability", ["create", "update", "patch", "delete", "sudo"])
def test_writing_to_a_path_without_a_literal_part_is_refused(stack: Stack, path: str, capability: str) -> None:
    report = stack.change("checkout-policy", policy=f'path "{path}" {{ capabilities = ["{capability}"] }}').preview()
    assert ("V02", "checkout-policy") in report.blamed()
    [said] = report.violations("V02")
    assert said.level == "mandatory"
    assert f"policy 'prod-checkout' gives {capability} on '{path.removeprefix('/')}'" in said.message
    assert "held by AuthBackendRole 'checkout'" in said.message


def test_the_legacy_way_to_write_it_is_refused_too(stack: Stack) -> None:
    report = stack.change("checkout-policy", policy='path "*" { policy = "sudo" }').preview()
    assert report.violations("V02")


def test_a_policy_that_nobody_uses_is_judged_by_itself(stack: Stack) -> None:
    report = stack.add("spare", POLICY, name="spare", policy=WRITE_ALL).preview()
    assert ("V02", "spare") in report.blamed()
    assert "held by" not in report.violations("V02")[0].message


@pytest.mark.parametrize("text", [DENY_ALL, 'path "+/*" { capabilities = ["deny"] }'])
def test_stanzas_that_only_deny_are_fine(stack: Stack, text: str) -> None:
    assert not stack.add("floor", POLICY, name="prod-floor", policy=text).preview().violations()


def test_reading_everything_is_not_this_rules_business(stack: Stack) -> None:
    report = stack.add("auditor", POLICY, name="auditor", policy='path "*" { capabilities = ["read"] }').preview()
    assert not report.violations("V02")


def test_a_narrower_pattern_is_fine(stack: Stack) -> None:
    report = stack.add("team", POLICY, name="team", policy='path "kv/+/team/*" { capabilities = ["update"] }').preview()
    assert not report.violations("V02")


def test_a_deny_in_another_policy_of_the_same_identity_counts(stack: Stack) -> None:
    both = (
        stack.add("all", POLICY, name="all-writes", policy=WRITE_ALL)
        .add("floor", POLICY, name="floor", policy=DENY_ALL)
        .change("checkout", tokenPolicies=["all-writes", "floor", "prod-checkout"])
    )
    assert not both.preview().violations("V02")
    alone = both.add("batch", JWT, backend="jwt", roleName="batch", tokenPolicies=["all-writes"])
    [said] = alone.preview().violations("V02")
    assert "held by AuthBackendRole 'batch'" in said.message


def test_identities_with_the_same_policies_share_one_finding(stack: Stack) -> None:
    broken = stack.change("checkout-policy", policy=WRITE_ALL)
    for number in range(3):
        broken = broken.add(f"more-{number}", APPROLE, backend="approle-prod", tokenPolicies=["prod-checkout"])
    assert len(broken.preview().violations("V02")) == 1


def test_names_of_policies_are_compared_in_lower_case_as_the_server_does(stack: Stack) -> None:
    broken = stack.change("checkout-policy", policy=WRITE_ALL).change("checkout", tokenPolicies=["PROD-Checkout"])
    assert "held by AuthBackendRole 'checkout'" in broken.preview().violations("V02")[0].message


def test_the_default_policy_is_part_of_every_identity(stack: Stack) -> None:
    report = stack.add("default", POLICY, name="default", policy=WRITE_ALL).preview()
    assert "held by AuthBackendRole 'checkout'" in report.violations("V02")[0].message


def test_an_unknown_text_is_undecided_and_the_others_are_still_checked(stack: Stack) -> None:
    report = (
        stack.change("checkout-policy", policy=UNKNOWN).add("spare", POLICY, name="spare", policy=WRITE_ALL).preview()
    )
    [undecided] = report.undecided("V02")
    assert undecided.message == "undecided: V02: policy 'prod-checkout': 'policy' is not known before the deployment."
    assert (undecided.level, undecided.resource) == ("advisory", "checkout-policy")
    assert {said.resource for said in report.violations("V02")} == {"spare"}


def test_an_unknown_list_of_policies_is_judged_by_what_it_depends_on(stack: Stack) -> None:
    report = (
        stack.add("ops-policy", POLICY, name="ops", policy=WRITE_ALL)
        .add("ops", APPROLE, uses={"tokenPolicies": ["ops-policy"]}, roleName="ops", tokenPolicies=[UNKNOWN])
        .preview()
    )
    assert "held by AuthBackendRole 'ops'" in report.violations("V02")[0].message


def test_an_unknown_list_of_policies_is_undecided_if_nothing_is_found(stack: Stack) -> None:
    report = stack.change("checkout", tokenPolicies=UNKNOWN).preview()
    [undecided] = report.undecided("V02")
    assert "AuthBackendRole 'checkout': 'tokenPolicies' is not known before the deployment" in undecided.message
    assert not report.violations()


def test_a_policy_that_is_declared_elsewhere_is_undecided(stack: Stack) -> None:
    report = stack.change("checkout", tokenPolicies=["prod-checkout", "ci-base"]).preview()
    [undecided] = report.undecided("V02")
    assert "policy 'ci-base' is not declared in this stack" in undecided.message


def test_a_text_that_cannot_be_read_is_undecided(stack: Stack) -> None:
    report = stack.change("checkout-policy", policy='path "a" {\n capabilities = ["hunter2" }').preview()
    [undecided] = report.undecided("V02")
    assert "policy 'prod-checkout': not readable as HCL: line 2, column" in undecided.message
    assert "hunter2" not in report.text


def test_a_template_at_the_front_is_undecided(stack: Stack) -> None:
    text = 'path "{{identity.entity.name}}/*" { capabilities = ["update"] }'
    report = stack.change("checkout-policy", policy=text).preview()
    assert not report.violations("V02")


def test_a_text_given_as_a_secret_is_judged_like_any_other(stack: Stack) -> None:
    report = stack.change("checkout-policy", policy=secret(WRITE_ALL + "\n# hunter2")).preview()
    assert ("V02", "checkout-policy") in report.blamed()
    assert "hunter2" not in report.text


@pytest.mark.parametrize("wrong", [7, True, ["a"], {"a": 1}, None])
def test_values_of_the_wrong_type_do_not_crash_it(stack: Stack, wrong: object) -> None:
    report = (
        stack.change("checkout-policy", policy=wrong)
        .change("checkout", tokenPolicies=wrong)
        .add("spare", POLICY, name=wrong, policy=WRITE_ALL)
        .preview()
    )
    assert ("V02", "spare") in report.blamed()
