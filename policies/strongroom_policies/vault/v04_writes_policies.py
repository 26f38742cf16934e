"""V04: whoever writes policies can give themselves everything.

Judged on the merged rules, path by path: a deny elsewhere in the holder's policies counts exactly where it decides.
A catch-all path is left to V02, which says the same about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pulumi_policy import Severity

from strongroom_policies.frame.rule import Finding, Framework, Resource, StackRule
from strongroom_policies.frame.settings import Settings
from strongroom_policies.vault.access import Verdict, describe, judge
from strongroom_policies.vault.acl import WRITES, reach
from strongroom_policies.vault.identities import Holder
from strongroom_policies.vault.paths import Pattern
from strongroom_policies.vault.v02_wildcard_write import is_catch_all

# `sys/policy` is the older address of the ACL policies; it still works.
POLICIES = [
    *(Pattern.parse(f"sys/policies/{kind}/*") for kind in ["acl", "rgp", "egp", "password"]),
    Pattern.parse("sys/policy/*"),
]


def examine(holder: Holder) -> Iterator[Verdict]:
    """Rules that decide about writing some policy and allow it."""
    for hit in reach(holder.rules, WRITES, POLICIES):
        if not is_catch_all(hit.rule.pattern):
            what = describe(hit.rule, hit.rule.capabilities & WRITES)
            yield Verdict(hit.rule, f"{what}, which reaches for example '{hit.path}'", hit.certain)


def check(resources: Sequence[Resource], _settings: Settings) -> Iterable[Finding]:
    """Judge the merged rules of every holder of policies."""
    return judge(resources, examine)


RULE = StackRule(
    id="V04",
    slug="writes-policies",
    title="A policy can write policies, and so give its holder any access.",
    severity=Severity.CRITICAL,
    frameworks=(
        Framework("NIST SP 800-53", "Rev. 5", "AC-6(1)"),
        Framework("CIS Controls", "v8", "6.8"),
    ),
    topics=("vault", "least-privilege", "escalation"),
    remediation="Leave writing policies to the identity that deploys them, and deny 'sys/policies/*' to others.",
    check=check,
)
