"""Environments cannot reach each other: no policy of one has a path into a mount of another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from strongroom.access.patterns import witness_below
from strongroom.plan.plan import Plan
from strongroom.vault.adopted.plan import AdoptedThing, rules_of
from strongroom.vault.policy.path_templates import widest
from strongroom.vault.policy.plan import Policy
from strongroom.vault.policy.render import PathRule


@dataclass(frozen=True)
class Crossing:
    """A policy of one environment that reaches into another, with a path that proves it."""

    environment: str
    policy: str
    rule: str
    other_environment: str
    witness: str
    adopted: bool = False
    """Whether the policy was there before, and stands in the section of adopted things."""

    def __str__(self) -> str:
        return (
            f"policy {self.policy} of {self.environment} reaches {self.other_environment}: "
            f'rule "{self.rule}" matches {self.witness}'
        )


def _policies(plan: Plan) -> Iterator[tuple[str, Sequence[PathRule], bool]]:
    """Name and rules of every policy, and whether it is adopted."""
    yield from ((policy.name, policy.rules, False) for policy in plan.of(Policy))
    yield from ((thing.name, rules_of(thing), True) for thing in plan.of(AdoptedThing) if thing.what == "policy")


def crossings(plan: Plan, mounts_of_others: Mapping[str, Sequence[str]]) -> Iterator[Crossing]:
    """The crossings of a plan, one for each rule and environment.

    `mounts_of_others` are the mounts of every other environment, by its name, as the server as a whole knows them: a
    policy that lies in a namespace reaches nothing that does not lie there too.

    Denying rules reach nothing. All environments count as if they shared one server: that two servers are apart is
    not visible from here, and a policy that is safe only because of it does not survive their being merged.
    """
    own = f"{plan.namespace}/" if plan.namespace else ""
    mounts = [
        (other, mount.removeprefix(own))
        for other, paths in sorted(mounts_of_others.items())
        for mount in paths
        if mount.startswith(own)
    ]
    by_first_segment: dict[str, list[tuple[str, str]]] = {}
    for other, mount in mounts:
        by_first_segment.setdefault(mount.partition("/")[0], []).append((other, mount))
    for name, rules, adopted in _policies(plan):
        for rule in rules:
            if "deny" in rule.capabilities:
                continue
            # Most rules name their mount outright, so that few of thousands of comparisons are left.
            pattern = widest(rule.path)
            first = pattern.partition("/")[0]
            near = mounts if first == "+" or first.endswith("*") else by_first_segment.get(first, ())
            witnesses: dict[str, str] = {}
            for other, mount in near:
                if other not in witnesses and (witness := witness_below(pattern, mount)):
                    witnesses[other] = witness
                    yield Crossing(plan.environment, name, rule.path, other, witness, adopted)
