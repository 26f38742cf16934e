"""V30: a server that nobody can hold to account.

Vault takes audit devices by API (`vault.Audit`), OpenBao from its server configuration, where this rule cannot see
them: `managed_elsewhere` says so, with the reason. A stack without Vault resources is none of its business.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from strongroom_policies.frame.rule import Finding, Framework, NotApplicableError, Resource, StackRule, Violation
from strongroom_policies.frame.settings import Settings

AUDIT = "vault:index/audit:Audit"


def check(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    """Look for an audit device among the stack's resources."""
    if not any(resource.resource_type.startswith("vault:") for resource in resources):
        raise NotApplicableError("the stack has no Vault resources")
    if elsewhere := settings.mapping("managed_elsewhere"):
        reason = str(elsewhere.get("reason", "")).strip()
        if reason:
            raise NotApplicableError(f"audit devices are managed elsewhere: {reason}")
        yield Violation("'managed_elsewhere' is configured without a reason.")
    if not any(resource.resource_type == AUDIT for resource in resources):
        yield Violation("the stack configures a Vault server but declares no audit device.")


RULE = StackRule(
    id="V30",
    slug="no-audit-device",
    title="No audit device records what is done with the secrets.",
    severity=Severity.HIGH,
    frameworks=(
        Framework("CIS Controls", "v8", "8.2"),
        Framework("NIST SP 800-53", "Rev. 5", "AU-12"),
        Framework("Vault production hardening", "baseline recommendations", "Enable audit device logs"),
    ),
    topics=("vault", "audit"),
    remediation="Declare a vault.Audit, or configure 'managed_elsewhere' with the reason.",
    settings={
        "managed_elsewhere": {
            "type": "object",
            "additionalProperties": False,
            "required": ["reason"],
            "properties": {"reason": {"type": "string", "minLength": 1}},
            "description": "Audit devices are not declared in this stack; the reason says where they are.",
        }
    },
    check=check,
)
