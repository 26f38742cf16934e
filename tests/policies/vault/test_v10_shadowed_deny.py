"""V10: a deny that does not deny, because another pattern decides."""

import pytest

from support.policy_pack import APPROLE, POLICY, UNKNOWN, Stack, secret


def text(**stanzas: str) -> str:
    """`allow="a/*", deny="b"` as a policy, in this order."""
    capabilities = {"allow": '["read", "update"]', "deny": '["deny"]'}
    return "\n".join(f'path "{path}" {{ capabilities = {capabilities[key]} }}' for key, path in stanzas.items())


@pytest.mark.parametrize(
    ("allow", "deny", "example"),
    [
        ("secret/data/*", "secret/+/admin", "secret/data/admin"),
        ("secret/data/app/*", "secret/+/app/root", "secret/data/app/root"),
        ("secret/+/*", "secret/+/+/prod*", "secret/x/x/prod"),  # fewer plus signs win over a longer pattern
        ("secret/data/a*", "+/data/+", "secret/data/a"),
    ],
)
def test_a_deny_on_a_path_where_another_pattern_decides_is_refused(
    stack: Stack, allow: str, deny: str, example: str
) -> None:
    report = stack.change("checkout-policy", policy=text(allow=allow, deny=deny)).preview()
    [said] = report.violations("V10")
    assert (said.resource, said.level) == ("checkout-policy", "mandatory")
    assert f"the deny on '{deny}' has no effect on '{example}'" in said.message
    assert f"policy 'prod-checkout' gives read, update on '{allow}'" in said.message


@pytest.mark.parametrize(
    ("allow", "deny"),
    [
        ("secret/data/*", "secret/data/admin"),  # exact
        ("secret/data/*", "secret/data/prod*"),  # a longer prefix
        ("secret/+/app", "secret/+/admin"),  # look alike, never meet
        ("secret/data/*", "secret/metadata/+"),
        ("secret/+/config", "secret/data/+/config"),  # another number of segments
        ("secret/+/*", "secret/+/admin"),  # not ending in a star
    ],
)
def test_a_deny_that_decides_or_never_meets_the_other_is_fine(stack: Stack, allow: str, deny: str) -> None:
    report = stack.change("checkout-policy", policy=text(allow=allow, deny=deny)).preview()
    assert not report.violations("V10")


def test_an_exception_from_its_own_deny_is_deliberate(stack: Stack) -> None:
    report = stack.change("checkout-policy", policy=text(deny="kv-prod/*", allow="kv-prod/data/app/*")).preview()
    assert not report.violations("V10")


def test_another_policys_allow_inside_a_deny_is_not(stack: Stack) -> None:
    report = (
        stack.add("guard", POLICY, name="guard", policy=text(deny="kv-prod/data/payments/*"))
        .change("checkout", tokenPolicies=["prod-checkout", "guard"])
        .preview()
    )
    [said] = report.violations("V10")
    assert said.resource == "guard"
    assert "has no effect on 'kv-prod/data/payments/stripe'" in said.message
    assert "policy 'prod-checkout' gives read" in said.message


def test_policies_of_different_identities_do_not_meet(stack: Stack) -> None:
    report = (
        stack.add("guard", POLICY, name="guard", policy=text(deny="kv-prod/data/payments/*"))
        .add("other", APPROLE, backend="approle-prod", roleName="other", tokenPolicies=["guard"])
        .preview()
    )
    assert not report.violations("V10")


def test_a_third_rule_that_decides_instead_is_taken_into_account(stack: Stack) -> None:
    shadowed = text(allow="secret/data/*", deny="secret/+/admin")
    repaired = shadowed + '\npath "secret/data/admin" { capabilities = ["deny"] }'
    assert stack.change("checkout-policy", policy=shadowed).preview().violations("V10")
    assert not stack.change("checkout-policy", policy=repaired).preview().violations("V10")


def test_a_template_that_may_shadow_it_is_undecided(stack: Stack) -> None:
    shadow = text(allow="secret/data/{{identity.entity.name}}/*", deny="secret/+/prod/*")
    report = stack.change("checkout-policy", policy=shadow).preview()
    assert not report.violations("V10")
    assert report.undecided("V10")


def test_an_unknown_text_is_undecided_and_the_others_are_still_checked(stack: Stack) -> None:
    shadowed = text(allow="secret/data/*", deny="secret/+/admin")
    report = (
        stack.change("checkout-policy", policy=UNKNOWN).add("spare", POLICY, name="spare", policy=shadowed).preview()
    )
    assert report.undecided("V10")[0].resource == "checkout-policy"
    assert {said.resource for said in report.violations("V10")} == {"spare"}


def test_a_text_given_as_a_secret_is_judged_and_not_shown(stack: Stack) -> None:
    shadowed = "# hunter2\n" + text(allow="secret/data/*", deny="secret/+/admin")
    report = stack.change("checkout-policy", policy=secret(shadowed)).preview()
    assert report.violations("V10")
    assert "hunter2" not in report.text


@pytest.mark.parametrize("wrong", [7, True, ["a"], {"a": 1}, None])
def test_values_of_the_wrong_type_do_not_crash_it(stack: Stack, wrong: object) -> None:
    shadowed = text(allow="secret/data/*", deny="secret/+/admin")
    report = (
        stack.change("checkout-policy", policy=wrong)
        .change("checkout", tokenPolicies=wrong)
        .add("spare", POLICY, name="spare", policy=shadowed)
        .preview()
    )
    assert {said.resource for said in report.violations("V10")} == {"spare"}
