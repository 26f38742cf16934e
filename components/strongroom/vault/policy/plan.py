"""Policies: one derived for each workload from its grants, and those written by hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from strongroom.external_secrets.push import pushed
from strongroom.plan import naming
from strongroom.plan.kinds import kind_of
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.vault.policy.document import parse
from strongroom.vault.policy.path_templates import methods_in, with_accessors, with_methods
from strongroom.vault.policy.render import PathRule, merged, policy_text, rule_of
from strongroom.vault.policy.spec import HandWrittenPolicy
from strongroom.vault.token_role import plan as token_role

SELF_CARE: Final = (
    PathRule("auth/token/lookup-self", ("read",), ("every workload: see its own token",)),
    PathRule("auth/token/renew-self", ("update",), ("every workload: keep its own token alive",)),
    PathRule("auth/token/revoke-self", ("update",), ("every workload: end its own token",)),
)
"""What a token needs for itself. The server's `default` policy grants more, so it is not attached."""
LEASE_CARE: Final = PathRule(
    "sys/leases/renew", ("update",), ("credentials on demand: extend a lease whose id it holds",)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Record):
    """An ACL policy."""

    kind: ClassVar[str] = "vault.policy"
    name: str
    derived: bool
    """False: written by hand."""
    heading: str
    """Where it comes from: the first line of its text."""
    rules: tuple[PathRule, ...]

    @property
    def key(self) -> str:
        return self.name

    @property
    def text(self) -> str:
        """HCL. Made when asked for: checking a plan of thousands of policies needs the rules only."""
        return self.text_with(lambda mount: f"<accessor of auth/{mount}>")

    def text_with(self, accessor: Callable[[str], str]) -> str:
        """HCL with the accessors of auth methods, by mount. They are known once the methods are there."""
        rules = [replace(rule, path=with_accessors(rule.path, accessor)) for rule in self.rules]
        return policy_text([self.heading], rules)

    @property
    def methods(self) -> list[str]:
        """The mounts of the auth methods whose accessors belong into the text."""
        return methods_in("\n".join(rule.path for rule in self.rules))

    def as_json(self) -> dict[str, Any]:
        data = Record.as_json(self) | {"text": self.text}
        for rule in data["rules"]:
            if not rule["settings"]:
                del rule["settings"]
        return data


def policies_of(scope: Scope, workload: Key) -> tuple[str, ...]:
    """The names of all policies that a workload's token carries."""
    by_hand = scope.environment.vault.policies if scope.environment.vault else {}
    return (
        naming.policy_of(scope.name, *workload),
        *(
            naming.hand_written_policy_of(scope.name, name)
            for name, policy in sorted(by_hand.items())
            if "/".join(workload) in policy.workloads
        ),
    )


def _derived_rules(scope: Scope, workload: Key) -> Iterator[PathRule]:
    leased = False
    for grant in scope.grants_of[workload]:
        kind = kind_of(scope.secrets[grant.secret])
        leased |= kind.LEASED
        for verb in grant.can:
            for path, capabilities in kind.rules(scope, grant.secret, verb):
                yield PathRule(path, capabilities, (f"{'/'.join(grant.secret)}: {verb}",))
    yield from token_role.rules(scope, workload)
    yield from pushed.rules(scope, workload)
    yield from SELF_CARE
    if leased:
        yield LEASE_CARE


def _rules_by_hand(policy: HandWrittenPolicy) -> tuple[PathRule, ...]:
    if policy.text is None:
        return merged(PathRule(rule.path, rule.capabilities) for rule in policy.rules)
    stanzas, flaws = parse(policy.text)
    assert not flaws, "checked before (strongroom.vault.policy.references)"
    return tuple(map(rule_of, stanzas))


def plan(scope: Scope) -> Iterator[Record]:
    if scope.environment.vault is None:
        return
    for team, name in scope.workloads:
        rules = merged(_derived_rules(scope, (team, name)))
        heading = f"Derived from the grants of {team}/{name} in {scope.name}. Change the catalog, not this text."
        yield Policy(
            slice=team,
            name=naming.policy_of(scope.name, team, name),
            derived=True,
            heading=heading,
            rules=rules,
        )
    for name, policy in sorted(scope.environment.vault.policies.items()):
        rules = tuple(replace(rule, path=with_methods(rule.path, scope.auth_mount)) for rule in _rules_by_hand(policy))
        heading = f"Written by hand for {scope.name}, as {name}: {policy.reason}"
        yield Policy(
            slice=PLATFORM,
            name=naming.hand_written_policy_of(scope.name, name),
            derived=False,
            heading=heading,
            rules=rules,
        )
