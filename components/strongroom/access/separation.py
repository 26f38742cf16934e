"""Environments cannot reach each other: no policy of one has a path into a mount of another, or to its names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from strongroom.access.patterns import witness_beginning, witness_below
from strongroom.plan.plan import Plan
from strongroom.vault.adopted.plan import AdoptedThing, rules_of
from strongroom.vault.policy.path_templates import widest
from strongroom.vault.policy.plan import Policy
from strongroom.vault.policy.render import PathRule

_NAMED: Final = (
    "auth/token/create",
    "auth/token/roles",
    "identity/entity/name",
    "identity/group/name",
    "sys/policies/acl",
    "sys/policies/password",
    "sys/policy",
)
"""Where things lie that are global to a server, and whose names begin with their environment."""
_Place = tuple[str, str, Callable[[str, str], str | None]]
"""An environment, a path of it, and what finds a path of a pattern there."""


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


def names_of(environment: str) -> list[str]:
    """What the paths of an environment's things begin with that lie in no mount of its own."""
    return [f"{place}/{environment}." for place in _NAMED]


def crossings(
    plan: Plan, mounts_of_others: Mapping[str, Sequence[str]], names_of_others: Mapping[str, Sequence[str]]
) -> Iterator[Crossing]:
    """The crossings of a plan, one for each rule and environment.

    `mounts_of_others` are the mounts of every other environment, by its name, and `names_of_others` what `names_of`
    says of it, as the server as a whole knows them: a policy that lies in a namespace reaches nothing that does not
    lie there too.

    Denying rules reach nothing. All environments count as if they shared one server: that two servers are apart is
    not visible from here, and a policy that is safe only because of it does not survive their being merged.
    """
    own = f"{plan.namespace}/" if plan.namespace else ""
    places = [
        (other, path.removeprefix(own), witness_in)
        for of_others, witness_in in ((mounts_of_others, witness_below), (names_of_others, witness_beginning))
        for other, paths in sorted(of_others.items())
        for path in paths
        if path.startswith(own)
    ]
    by_first_segment: dict[str, list[_Place]] = {}
    for place in places:
        by_first_segment.setdefault(place[1].partition("/")[0], []).append(place)
    for name, rules, adopted in _policies(plan):
        for rule in rules:
            if "deny" in rule.capabilities:
                continue
            # Most rules name their mount outright, so that few of thousands of comparisons are left.
            pattern = widest(rule.path)
            first = pattern.partition("/")[0]
            near = places if first == "+" or first.endswith("*") else by_first_segment.get(first, ())
            witnesses: dict[str, str] = {}
            for other, path, witness_in in near:
                if other not in witnesses and (witness := witness_in(pattern, path)):
                    witnesses[other] = witness
                    yield Crossing(plan.environment, name, rule.path, other, witness, adopted)
