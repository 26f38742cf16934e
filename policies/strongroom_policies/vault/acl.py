"""What a token may do: the merged rules of all its policies, and which one of them decides.

Source: measured on OpenBao 2.7, and its `vault/acl.go`. Stanzas with the same path merge (deny wins, otherwise the
capabilities are united). Of different patterns that match a path exactly one decides, the one of the greatest rank:
there is no union over patterns, and a deny has no precedence over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from strongroom_policies.vault.document import DENY, Stanza
from strongroom_policies.vault.paths import Pattern, Words, witness

WRITES = frozenset(["create", "update", "patch", "delete"])
LISTS = frozenset(["list", "scan"])


@dataclass(frozen=True)
class Rule:
    """One path with the capabilities that all policies together give it."""

    pattern: Pattern
    capabilities: frozenset[str]
    policies: tuple[str, ...]  # names of the policies that say something about the path
    conditional: bool

    @property
    def denies(self) -> bool:
        """Is the path denied?"""
        return DENY in self.capabilities


@dataclass(frozen=True)
class Hit:
    """A rule decides about a path in question."""

    rule: Rule
    path: str  # an example
    certain: bool  # False: only if a template or an expiry turns out one way


def merge(policies: Iterable[tuple[str, Sequence[Stanza]]]) -> tuple[Rule, ...]:
    """Merge named policies into the rules a token with all of them has.

    A stanza that the server may drop (see `Stanza.conditional`) is kept apart from others with the same path.
    """
    merged: dict[tuple[Pattern, bool], Rule] = {}
    for name, stanzas in policies:
        for stanza in stanzas:
            key = (stanza.pattern, stanza.conditional)
            known = merged.get(key, Rule(stanza.pattern, frozenset(), (), stanza.conditional))
            capabilities = known.capabilities | stanza.capabilities
            merged[key] = replace(
                known,
                capabilities=frozenset([DENY]) if DENY in capabilities else capabilities,
                policies=known.policies if name in known.policies else (*known.policies, name),
            )
    return tuple(merged.values())


def reach(
    rules: Sequence[Rule],
    capabilities: frozenset[str],
    targets: Iterable[Pattern],
) -> Iterator[Hit]:
    """For every rule that gives one of the capabilities: a path in the targets about which it really decides.

    At most one hit per rule. A rule that others overrule everywhere in the targets gives none.
    """
    targets = tuple(targets)
    for rule in rules:
        given = rule.capabilities & capabilities
        questions = [(Words.OBJECTS, given - LISTS), (Words.LISTINGS, given & LISTS)]
        if hit := next((_decides(rule, rules, targets, words) for words, some in questions if some), None):
            yield hit


def _decides(rule: Rule, rules: Sequence[Rule], targets: Sequence[Pattern], words: Words) -> Hit | None:
    certainly, possibly = _overruling(rule, rules, words)
    certain = None if rule.conditional else _path(rule, targets, possibly, words)
    if certain is not None:
        return Hit(rule, certain, certain=True)
    if not rule.conditional and certainly == possibly:
        return None
    possible = _path(rule, targets, certainly, words)
    return None if possible is None else Hit(rule, possible, certain=False)


def _path(rule: Rule, targets: Sequence[Pattern], outside: Sequence[Pattern], words: Words) -> str | None:
    """An example of a path of the rule in the targets that no pattern of `outside` matches."""
    paths = (witness([own, target], outside, words) for own in _language(rule, words) for target in targets)
    return next((path for path in paths if path is not None), None)


def _overruling(rule: Rule, rules: Sequence[Rule], words: Words) -> tuple[list[Pattern], list[Pattern]]:
    """The patterns that certainly, and that possibly, decide instead of the rule where they match too.

    What a template turns into is not known, hence neither is its rank.
    """
    certainly: list[Pattern] = []
    possibly: list[Pattern] = []
    for other in rules:
        if other is rule:
            continue
        templated = _is_template(other) or _is_template(rule)
        higher = other.pattern.rank > rule.pattern.rank or (other.pattern == rule.pattern and other.denies)
        if not templated and higher and not other.conditional:
            certainly += _language(other, words)
        if templated or higher:
            possibly += _language(other, words)
    return certainly, possibly


def _is_template(rule: Rule) -> bool:
    return "{{" in rule.pattern.text


def _language(rule: Rule, words: Words) -> list[Pattern]:
    """The paths the rule can match. A template may become anything, so whatever follows its opening is open."""
    text = rule.pattern.text
    if _is_template(rule):
        return [Pattern(text[: text.index("{{")] + "*")]
    if words is Words.LISTINGS and rule.pattern.is_exact and not text.endswith("/"):
        return [rule.pattern, Pattern(text + "/")]  # a LIST looks up the exact path without its slash as well
    return [rule.pattern]
