"""Allow-lists: a resource, a reason and a date, or it does not hold and is reported itself."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from support.policy_pack import POLICY, TODAY, Stack

SUPERUSER = ["ALTER ROLE x SUPERUSER"]


def broken(stack: Stack) -> Stack:
    """Breaks one rule about a stack and one about a resource."""
    return stack.add(
        "ops", POLICY, name="prod-ops", policy='path "sys/policies/*" { capabilities = ["update"] }'
    ).change("orders", creationStatements=SUPERUSER)


def allow(stack: Stack, **entry: str) -> Stack:
    """Both violations allowed by entries that differ from good ones by `entry`."""
    good = {"reason": "bootstrap until the rollout ends", "expires": (TODAY + timedelta(days=1)).isoformat()}
    for rule, resource in (("V04", "ops"), ("V26", "orders")):
        stack = stack.configure(rule, allow=[{"resource": resource, **good, **entry}])
    return stack


def test_without_an_entry_both_are_refused(stack: Stack) -> None:
    assert broken(stack).preview().blamed() == {("V04", "ops"), ("V26", "orders")}


@pytest.mark.parametrize("days", [0, 1, 365])
def test_an_entry_holds_until_the_end_of_its_last_day(stack: Stack, days: int) -> None:
    assert not allow(broken(stack), expires=(TODAY + timedelta(days=days)).isoformat()).preview().said


def test_an_entry_holds_for_its_resource_only(stack: Stack) -> None:
    report = allow(broken(stack), resource="another").preview()
    assert report.blamed() == {("V04", "ops"), ("V26", "orders")}


def test_an_entry_can_name_the_urn(stack: Stack) -> None:
    allowed = broken(stack)
    urn = f"urn:pulumi:prod::shop::{POLICY}::ops"
    entry = {"resource": urn, "reason": "bootstrap", "expires": "2027-01-01"}
    assert not allowed.configure("V04", allow=[entry]).preview().violations("V04")


def test_an_entry_for_one_rule_says_nothing_about_another(stack: Stack) -> None:
    entry = {"resource": "ops", "reason": "bootstrap", "expires": "2027-01-01"}
    assert broken(stack).configure("V02", allow=[entry]).preview().violations("V04")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"expires": "2026-11-23"}, "expired on 2026-11-23"),
        ({"reason": ""}, "has no reason"),
        ({"reason": "   "}, "has no reason"),
        ({"expires": "soon"}, "has no expiry date of the form YYYY-MM-DD"),
        ({"expires": ""}, "has no expiry date of the form YYYY-MM-DD"),
    ],
)
def test_an_entry_that_does_not_hold_is_reported_besides_the_violation(
    stack: Stack, entry: dict[str, str], problem: str
) -> None:
    report = allow(broken(stack), **entry).preview()
    assert report.blamed() >= {("V04", "ops"), ("V26", "orders")}
    for rule, resource in (("V04", "ops"), ("V26", "orders")):
        messages = [said.message for said in report.violations(rule)]
        assert len(messages) == 2
        assert f"{rule}: the allow-list entry for {resource!r} {problem}, so it does not hold" in messages[0]
        assert {said.level for said in report.violations(rule)} == {"mandatory"}


def test_an_entry_that_has_expired_is_reported_even_if_nothing_is_wrong_any_more(stack: Stack) -> None:
    entry = {"resource": "orders", "reason": "bootstrap", "expires": "2026-01-01"}
    for rule in ("V04", "V26"):
        assert "expired on 2026-01-01" in stack.configure(rule, allow=[entry]).preview().text


def test_an_entry_without_a_resource_is_reported(stack: Stack) -> None:
    entry = {"resource": " ", "reason": "bootstrap", "expires": "2027-01-01"}
    assert "names no resource" in stack.configure("V04", allow=[entry]).preview().text


def test_the_day_is_passed_in(stack: Stack) -> None:
    allowed = allow(broken(stack), expires="2026-12-31")
    assert not replace(allowed, today=date(2026, 12, 31)).preview().said
    assert replace(allowed, today=date(2027, 1, 1)).preview().violations()
