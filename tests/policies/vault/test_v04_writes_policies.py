"""V04: whoever writes policies can give themselves everything."""

import pytest

from support.policy_pack import APPROLE, POLICY, UNKNOWN, Stack, secret

WRITER = 'path "sys/policies/*" { capabilities = ["create", "update"] }'


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("sys/policies/*", "sys/policies/acl/x"),
        ("sys/policies/acl/*", "sys/policies/acl/x"),
        ("sys/policies/acl/team-*", "sys/policies/acl/team-"),
        ("sys/+/acl/+", "sys/policies/acl/x"),
        ("sys/*", "sys/policies/acl/x"),
        ("sys/policy/+", "sys/policy/x"),
        ("+/policies/acl/admin", "sys/policies/acl/admin"),
    ],
)
def test_every_pattern_that_reaches_policies_is_refused_with_an_example(stack: Stack, path: str, example: str) -> None:
    report = stack.change("checkout-policy", policy=f'path "{path}" {{ capabilities = ["update"] }}').preview()
    [said] = report.violations("V04")
    assert (said.resource, said.level) == ("checkout-policy", "mandatory")
    assert f"gives update on '{path}', which reaches for example '{example}'" in said.message


@pytest.mark.parametrize(
    "text",
    [
        'path "sys/policies/*" { capabilities = ["read", "list"] }',
        'path "sys/policies/acl" { capabilities = ["update"] }',
        'path "sys/policies-of-the-house/*" { capabilities = ["update"] }',
        'path "kv/sys/policies/acl/*" { capabilities = ["update"] }',
    ],
)
def test_reading_policies_or_writing_elsewhere_is_fine(stack: Stack, text: str) -> None:
    assert not stack.add("reader", POLICY, name="reader", policy=text).preview().violations("V04")


def test_an_effective_deny_elsewhere_in_the_same_identity_is_fine(stack: Stack) -> None:
    report = (
        stack.add("ops-policy", POLICY, name="ops", policy='path "sys/*" { capabilities = ["update"] }')
        .add("guard", POLICY, name="guard", policy='path "sys/pol*" { capabilities = ["deny"] }')
        .add("ops", APPROLE, backend="approle-prod", roleName="ops", tokenPolicies=["ops", "guard"])
        .preview()
    )
    assert not report.violations()


def test_a_deny_that_does_not_decide_is_no_help(stack: Stack) -> None:
    report = (
        stack.add("ops-policy", POLICY, name="ops", policy='path "sys/policies/acl/*" { capabilities = ["update"] }')
        .add("guard", POLICY, name="guard", policy='path "sys/*" { capabilities = ["deny"] }')
        .add("ops", APPROLE, backend="approle-prod", roleName="ops", tokenPolicies=["ops", "guard"])
        .preview()
    )
    assert ("V04", "ops-policy") in report.blamed()


def test_a_deny_of_one_policy_leaves_the_others_writable(stack: Stack) -> None:
    text = WRITER + '\npath "sys/policies/acl/admin" { capabilities = ["deny"] }'
    report = stack.change("checkout-policy", policy=text).preview()
    assert ("V04", "checkout-policy") in report.blamed()


def test_a_catch_all_is_left_to_v02(stack: Stack) -> None:
    report = stack.change("checkout-policy", policy='path "*" { capabilities = ["update"] }').preview()
    assert report.violations("V02")
    assert not report.violations("V04")


def test_a_template_that_may_reach_them_is_undecided(stack: Stack) -> None:
    text = 'path "sys/{{identity.entity.metadata.area}}/*" { capabilities = ["update"] }'
    report = stack.change("checkout-policy", policy=text).preview()
    assert not report.violations("V04")
    assert report.undecided("V04")[0].resource == "checkout-policy"


def test_an_unknown_text_is_undecided_and_the_others_are_still_checked(stack: Stack) -> None:
    report = stack.change("checkout-policy", policy=UNKNOWN).add("spare", POLICY, name="spare", policy=WRITER).preview()
    assert report.undecided("V04")[0].resource == "checkout-policy"
    assert {said.resource for said in report.violations("V04")} == {"spare"}


def test_a_text_given_as_a_secret_is_judged_and_not_shown(stack: Stack) -> None:
    report = stack.change("checkout-policy", policy=secret(f"# hunter2\n{WRITER}")).preview()
    assert report.violations("V04")
    assert "hunter2" not in report.text


@pytest.mark.parametrize("wrong", [7, True, ["a"], {"a": 1}, None])
def test_values_of_the_wrong_type_do_not_crash_it(stack: Stack, wrong: object) -> None:
    broken = stack.change("checkout-policy", policy=wrong, name=wrong).change("checkout", tokenPolicies=[wrong])
    report = broken.add("spare", POLICY, name="spare", policy=WRITER).preview()
    assert {said.resource for said in report.violations("V04")} == {"spare"}
