"""V10: a deny that does not deny, because another pattern decides.

Of several patterns that match a path one decides, and a deny has no precedence: next to `secret/data/*` a deny on
`secret/+/admin` does nothing for `secret/data/admin`. Two patterns are reported only if they provably meet on a path
where the allowing one decides. An exception that one policy makes from its own deny (deny `secret/*`, allow
`secret/data/app`) is deliberate and fine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pulumi_policy import Severity

from strongroom_policies.frame.rule import Finding, Framework, Resource, StackRule
from strongroom_policies.frame.settings import Settings
from strongroom_policies.vault.access import Verdict, describe, judge
from strongroom_policies.vault.acl import Rule, reach
from strongroom_policies.vault.document import CAPABILITIES, DENY
from strongroom_policies.vault.identities import Holder
from strongroom_policies.vault.paths import subsumes


def examine(holder: Holder) -> Iterator[Verdict]:
    """Pairs of a deny and an allowing rule that decides on a path of the deny."""
    for deny in (rule for rule in holder.rules if rule.denies and not rule.conditional):
        for hit in reach(holder.rules, CAPABILITIES - {DENY}, [deny.pattern]):
            if not _is_deliberate(hit.rule, deny):
                yield Verdict(
                    deny,
                    f"the deny on '{deny.pattern.text}' has no effect on '{hit.path}', because there "
                    + describe(hit.rule, hit.rule.capabilities),
                    hit.certain,
                )


def _is_deliberate(allow: Rule, deny: Rule) -> bool:
    return bool(set(allow.policies) & set(deny.policies)) and subsumes(deny.pattern, allow.pattern)


def check(resources: Sequence[Resource], _settings: Settings) -> Iterable[Finding]:
    """Judge the merged rules of every holder of policies."""
    return judge(resources, examine)


RULE = StackRule(
    id="V10",
    slug="shadowed-deny",
    title="A deny has no effect on paths where another pattern takes precedence.",
    severity=Severity.HIGH,
    frameworks=(Framework("NIST SP 800-53", "Rev. 5", "AC-3"),),
    topics=("vault", "least-privilege"),
    remediation="Deny with a pattern that is at least as specific as the one that allows, or narrow the latter.",
    check=check,
)
