"""The frame of rules about access: judge every holder's merged rules, say each thing once.

A holder of which not everything can be seen is judged on what is seen; if that is in order, it is *undecided*, because
an unseen policy can give access as well as take it away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from strongroom_policies.frame.rule import Finding, Resource, Undecided, Violation
from strongroom_policies.vault.acl import Rule
from strongroom_policies.vault.identities import Holder, holders


@dataclass(frozen=True)
class Verdict:
    """What an access rule says about one holder."""

    rule: Rule  # the ACL rule that is to blame; its policy gets the finding
    message: str
    certain: bool = True


def judge(resources: Sequence[Resource], examine: Callable[[Holder], Iterable[Verdict]]) -> Iterator[Finding]:
    """Examine every holder. Holders of the same policies share one finding, which names the first of them."""
    said: set[tuple[str, str]] = set()
    gaps: set[str] = set()
    for holder in holders(resources):
        verdicts = list(examine(holder))
        for verdict in verdicts:
            source = holder.sources[verdict.rule.policies[0]]
            if (source.urn, verdict.message) in said:
                continue
            said.add((source.urn, verdict.message))
            held = "" if source is holder.resource or holder.label in verdict.message else f" (held by {holder.label})"
            kind = Violation if verdict.certain else Undecided
            yield kind(f"{verdict.message}{held}.", source)
        if not any(verdict.certain for verdict in verdicts):
            yield from (gap for gap in holder.gaps if gap.message not in gaps)
            gaps.update(gap.message for gap in holder.gaps)


def describe(rule: Rule, capabilities: Iterable[str]) -> str:
    """A rule in words: policy 'ops' gives create, update on 'sys/*'."""
    names = " and ".join(f"'{name}'" for name in rule.policies)
    return f"policy {names} gives {', '.join(sorted(capabilities))} on '{rule.pattern.text}'"
