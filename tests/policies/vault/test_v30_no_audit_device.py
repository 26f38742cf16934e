"""V30: a server that nobody can hold to account."""

import pytest

from support.policy_pack import AUDIT, UNKNOWN, Stack, secret


def test_a_stack_without_an_audit_device_is_refused(stack: Stack) -> None:
    report = stack.drop("audit").preview()
    [said] = report.violations("V30")
    assert (said.resource, said.level) == ("", "mandatory")
    assert "declares no audit device" in said.message


def test_one_audit_device_is_enough(stack: Stack) -> None:
    assert not stack.preview().violations("V30")


def test_audit_managed_elsewhere_is_not_applicable_with_the_reason(stack: Stack) -> None:
    reason = "OpenBao takes audit devices from its server configuration"
    report = stack.drop("audit").configure("V30", managed_elsewhere={"reason": reason}).preview()
    assert not report.said
    assert report.not_applicable == {"V30": f"audit devices are managed elsewhere: {reason}"}


@pytest.mark.parametrize("settings", [{"reason": ""}, {"reason": "  "}, {"raison": "x"}])
def test_managed_elsewhere_without_a_reason_does_not_hold(stack: Stack, settings: dict[str, str]) -> None:
    messages = [s.message for s in stack.drop("audit").configure("V30", managed_elsewhere=settings).preview().said]
    assert len(messages) == 2
    assert "configured without a reason" in messages[0]
    assert "declares no audit device" in messages[1]


def test_a_stack_without_vault_resources_is_none_of_its_business(stack: Stack) -> None:
    for name in stack.resources:
        stack = stack.drop(name)
    report = stack.add("logs", "aws:s3/bucket:Bucket", bucket="logs").preview()
    assert not report.violations()
    assert report.not_applicable["V30"] == "the stack has no Vault resources"


@pytest.mark.parametrize("props", [{"type": UNKNOWN}, {"type": secret("hunter2")}, {"type": 7}, {}])
def test_what_the_device_looks_like_does_not_matter(stack: Stack, props: dict[str, object]) -> None:
    report = stack.drop("audit").add("audit", AUDIT, **props).preview()
    assert not report.said
