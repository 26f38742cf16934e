"""S01: an identity of one environment that reaches another environment's paths."""

from dataclasses import replace

import pytest

from support.policy_pack import APPROLE, MOUNT, POLICY, UNKNOWN, Stack, secret


def read(*paths: str) -> str:
    return "\n".join(f'path "{path}" {{ capabilities = ["read"] }}' for path in paths)


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("kv-dev/data/payments/stripe", "kv-dev/data/payments/stripe"),
        ("kv-dev/*", "kv-dev/x"),
        ("kv-*", "kv-dev/x"),
        ("+/data/payments/*", "kv-dev/data/payments/x"),
        ("database-dev/creds/+", "database-dev/creds/x"),
        ("*", "kv-dev/x"),
    ],
)
def test_a_role_of_prod_that_reaches_dev_is_refused_with_the_path(stack: Stack, path: str, example: str) -> None:
    report = stack.change("checkout-policy", policy=read(path)).preview()
    said = report.violations("S01")[0]
    assert (said.resource, said.level) == ("checkout-policy", "mandatory")
    assert f"AuthBackendRole 'checkout' of prod reaches '{example}' of dev" in said.message


def test_an_unused_policy_is_labelled_by_its_own_path(stack: Stack) -> None:
    report = stack.add("spare", POLICY, name="prod-spare", policy=read("kv-dev/*")).preview()
    assert "Policy 'spare' of prod reaches 'kv-dev/x' of dev" in report.violations("S01")[0].message


def test_a_deny_that_decides_keeps_them_apart(stack: Stack) -> None:
    report = (
        stack.change("checkout-policy", policy=read("+/data/payments/*"))
        .add("guard", POLICY, name="guard", policy='path "kv-dev/*" { capabilities = ["deny"] }')
        .change("checkout", tokenPolicies=["prod-checkout", "guard"])
    )
    # The deny on dev's KV decides, and nothing is said about dev's database mount, which the pattern reaches too.
    [said] = report.preview().violations("S01")
    assert "reaches 'database-dev/data/payments/x' of dev" in said.message
    both = report.change(
        "guard", policy="\n".join(f'path "{m}/*" {{ capabilities = ["deny"] }}' for m in ("kv-dev", "database-dev"))
    )
    assert not both.preview().violations("S01")


def test_listing_another_environments_names_is_reach_too(stack: Stack) -> None:
    report = stack.change("checkout-policy", policy='path "kv-dev/metadata" { capabilities = ["list"] }').preview()
    assert "reaches 'kv-dev/metadata/' of dev" in report.violations("S01")[0].message


def test_a_name_is_never_taken_for_a_label(stack: Stack) -> None:
    """`prod*` also matches `production`: a mount or role counts as what the configuration says, not as it is called."""
    report = (
        stack.add("production", MOUNT, path="kv-production", type="kv")
        .add("prod-batch", APPROLE, backend="approle", roleName="prod-batch", tokenPolicies=["batch"])
        .add("batch", POLICY, name="batch", policy=read("kv-production/data/x", "kv-prod/data/x"))
        .preview()
    )
    assert not report.violations()
    assert {(said.resource, said.level) for said in report.undecided("S01")} == {
        ("production", "advisory"),
        ("batch", "advisory"),
    }


def test_an_unlabelled_identity_that_reaches_two_environments_is_refused(stack: Stack) -> None:
    report = (
        stack.add("ops-policy", POLICY, name="ops", policy=read("kv-dev/data/a", "kv-prod/data/a"))
        .add("ops", APPROLE, backend="approle", roleName="ops", tokenPolicies=["ops"])
        .preview()
    )
    assert len(report.violations("S01")) == 2
    assert "AuthBackendRole 'ops', which has no environment," in report.violations("S01")[0].message


def test_an_auth_mount_that_is_not_known_yet_leaves_the_identity_unlabelled(stack: Stack) -> None:
    report = stack.change("checkout", backend=UNKNOWN).preview()
    assert not report.violations()
    assert report.undecided("S01")[0].resource == "checkout-policy"


@pytest.mark.parametrize("key", ["paths", "principals"])
def test_nothing_may_belong_to_two_environments(stack: Stack, key: str) -> None:
    environments = {"dev": {"paths": ["d/*"]}, "prod": {"paths": ["p/*"]}}
    environments["dev"][key], environments["prod"][key] = ["shared/team/*"], ["shared/+/x"]
    report = stack.configure("S01", environments=environments).preview()
    assert f"the configured {key} of dev and prod overlap, for example 'shared/team/x'" in report.text


def test_a_mount_whose_path_is_unknown_is_undecided_and_the_others_are_still_checked(stack: Stack) -> None:
    report = stack.change("kv", path=UNKNOWN).change("checkout-policy", policy=read("kv-dev/data/x")).preview()
    assert [said.resource for said in report.undecided("S01")] == ["kv"]
    assert report.violations("S01")


def test_an_unknown_text_is_undecided(stack: Stack) -> None:
    assert stack.change("checkout-policy", policy=UNKNOWN).preview().undecided("S01")[0].resource == "checkout-policy"


def test_without_configured_environments_it_does_not_apply(stack: Stack) -> None:
    report = replace(stack, config={}).preview()
    assert report.not_applicable == {"S01": "no environments are configured"}


def test_values_given_as_secrets_are_judged_and_not_shown(stack: Stack) -> None:
    text = "# hunter2\n" + read("kv-dev/data/x")
    report = stack.change("checkout-policy", policy=secret(text)).change("kv", description=secret("hunter2")).preview()
    assert report.violations("S01")
    assert "hunter2" not in report.text


@pytest.mark.parametrize("wrong", [7, True, ["a"], {"a": 1}, None])
def test_values_of_the_wrong_type_do_not_crash_it(stack: Stack, wrong: object) -> None:
    broken = stack.change("kv", path=wrong).change("checkout", backend=wrong, roleName=wrong)
    report = broken.add("spare", POLICY, name="prod-spare", policy=read("kv-dev/x")).preview()
    assert "spare" in {said.resource for said in report.violations("S01")}
