"""V02: write access to everything.

A path with no literal part (`*`, `+/*`) covers every engine, `sys/` and `auth/`: with a writing capability the holder
owns the server. Stanzas of this kind that only deny are fine, and so are those that other stanzas overrule everywhere.
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

DANGEROUS = WRITES | {"sudo"}
EVERYTHING = Pattern.parse("*")


def is_catch_all(pattern: Pattern) -> bool:
    """Has the pattern no literal part at all?"""
    return set(pattern.text) <= set("+/*") and not pattern.is_exact


def examine(holder: Holder) -> Iterator[Verdict]:
    """Catch-all rules that decide somewhere and let the holder write."""
    for hit in reach(holder.rules, DANGEROUS, [EVERYTHING]):
        if is_catch_all(hit.rule.pattern):
            yield Verdict(hit.rule, describe(hit.rule, hit.rule.capabilities & DANGEROUS), hit.certain)


def check(resources: Sequence[Resource], _settings: Settings) -> Iterable[Finding]:
    """Judge the merged rules of every holder of policies."""
    return judge(resources, examine)


RULE = StackRule(
    id="V02",
    slug="wildcard-write",
    title="A policy can write to every path of the server.",
    severity=Severity.CRITICAL,
    frameworks=(
        Framework("NIST SP 800-53", "Rev. 5", "AC-6"),
        Framework("CIS Controls", "v8", "3.3"),
    ),
    topics=("vault", "least-privilege"),
    remediation="Name the mounts and paths the workload needs instead of '*' or '+/*'.",
    check=check,
)
