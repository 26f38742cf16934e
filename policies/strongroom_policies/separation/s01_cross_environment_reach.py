"""S01: an identity of one environment that reaches another environment's paths.

An unlabelled principal that reaches the paths of two environments breaks the separation whichever it belongs to; one
that reaches a single environment is *undecided*, and so is an unlabelled mount. The reach is the one of the merged
rules, for all paths: a finding shows one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from strongroom_policies.frame.rule import Finding, Framework, Resource, StackRule
from strongroom_policies.frame.settings import Settings
from strongroom_policies.separation.labels import ENVIRONMENTS_SCHEMA, Labels
from strongroom_policies.vault.access import Verdict, describe, judge
from strongroom_policies.vault.acl import reach
from strongroom_policies.vault.document import CAPABILITIES, DENY
from strongroom_policies.vault.identities import Holder


def examine(holder: Holder, labels: Labels) -> Iterator[Verdict]:
    """Every rule by which the holder reaches an environment that is not its own."""
    own = labels.environments_of(holder.api_path)
    reached = {name: list(reach(holder.rules, CAPABILITIES - {DENY}, paths)) for name, paths in labels.paths.items()}
    crosses = sum(any(hit.certain for hit in hits) for hits in reached.values()) > 1
    who = f"{holder.label} of {', '.join(sorted(own))}" if own else f"{holder.label}, which has no environment,"
    for name, hits in reached.items():
        if name in own:
            continue
        for hit in hits:
            message = f"{who} reaches '{hit.path}' of {name}: {describe(hit.rule, hit.rule.capabilities)}"
            yield Verdict(hit.rule, message, hit.certain and (bool(own) or crosses))


def check(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    """Check the labels, then the reach of every holder of policies."""
    labels = Labels.configured(settings)
    yield from labels.overlaps()
    yield from labels.unlabelled_mounts(resources)
    yield from judge(resources, lambda holder: examine(holder, labels))


RULE = StackRule(
    id="S01",
    slug="cross-environment-reach",
    title="An identity of one environment reaches the secrets of another.",
    severity=Severity.CRITICAL,
    frameworks=(
        Framework("NIST SP 800-53", "Rev. 5", "AC-4"),
        Framework("CIS Controls", "v8", "3.12"),
    ),
    topics=("separation", "least-privilege"),
    remediation="Narrow the policy to the paths of its own environment.",
    settings={"environments": ENVIRONMENTS_SCHEMA},
    check=check,
)
