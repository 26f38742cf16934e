"""What a token may do at a path, by the policies that it carries: the rules of Vault and OpenBao, "Policies".

No union across different patterns: of all that match one wins, and what it does not give is not given.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class AclRule:
    """What one stanza gives at one path pattern."""

    path: str
    capabilities: frozenset[str]
    wraps: bool = False
    """Whether the answer has to be wrapped."""


class Acl:
    """The rules of all policies of a token together."""

    def __init__(self, rules: Iterable[AclRule]) -> None:
        """Paths with a template (`{{identity.entity.id}}`) are left out: whom they are for, is known at the server."""
        self._rules: dict[str, AclRule] = {}
        for rule in rules:
            path = rule.path.removeprefix("/")
            if "{{" not in path:
                self._rules[path] = _merged(self._rules.get(path), rule)

    def allows(self, capability: str, path: str) -> bool:
        """Whether a request that does not ask for a wrapped answer is served."""
        rule = self.winner(path)
        return rule is not None and not rule.wraps and capability in rule.capabilities

    def winner(self, path: str) -> AclRule | None:
        """The one rule that decides about a path."""
        if path in self._rules and not _is_pattern(path):
            return self._rules[path]
        prefixes = [pattern for pattern in self._prefixes if path.startswith(pattern[:-1])]
        longest = [max(prefixes, key=len)] if prefixes else []
        found = [*longest, *(pattern for pattern in self._segments if _segments_match(pattern, path))]
        return self._rules[max(found, key=_priority)] if found else None

    @cached_property
    def _prefixes(self) -> list[str]:
        return [path for path in self._rules if path.endswith("*") and not _has_segment_wildcard(path)]

    @cached_property
    def _segments(self) -> list[str]:
        return [path for path in self._rules if _has_segment_wildcard(path)]


def _merged(known: AclRule | None, rule: AclRule) -> AclRule:
    """The same path in several policies: a denial wins, else all capabilities are given."""
    both = rule.capabilities | (known.capabilities if known else frozenset())
    wraps = rule.wraps or (known is not None and known.wraps)
    return AclRule(rule.path, frozenset({"deny"}) if "deny" in both else both, wraps)


def _has_segment_wildcard(path: str) -> bool:
    return path == "+" or "/+" in path or path.startswith("+/")


def _is_pattern(path: str) -> bool:
    return path.endswith("*") or _has_segment_wildcard(path)


def _segments_match(pattern: str, path: str) -> bool:
    wanted, given = pattern.removesuffix("*").split("/"), path.split("/")
    is_open = pattern.endswith("*")
    if len(given) < len(wanted) or (len(given) > len(wanted) and not is_open):
        return False
    last = len(wanted) - 1
    return all(
        part in ("+", given[at]) or (is_open and at == last and given[at].startswith(part))
        for at, part in enumerate(wanted)
    )


def _priority(pattern: str) -> tuple[int, bool, int, int, str]:
    """The greatest wins: a later first wildcard, no `*` at the end, fewer `+`, longer, last in the alphabet."""
    wildcards = [at for at, part in enumerate(pattern) if part == "+" and _is_segment(pattern, at)]
    first = wildcards[0] if wildcards else len(pattern) - 1
    return first, not pattern.endswith("*"), -len(wildcards), len(pattern.removesuffix("*")), pattern


def _is_segment(pattern: str, at: int) -> bool:
    return (at == 0 or pattern[at - 1] == "/") and pattern[at + 1 : at + 2] in ("", "/")
