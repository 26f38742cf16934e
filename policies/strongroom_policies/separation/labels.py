"""Which environment a path or a principal belongs to: what the configuration says, never what a name suggests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from strongroom_policies.frame.properties import UnreadablePropertyError, text
from strongroom_policies.frame.rule import Finding, NotApplicableError, Resource, Undecided, Violation
from strongroom_policies.frame.settings import Settings
from strongroom_policies.vault.paths import Pattern, intersects, witness

MOUNT = "vault:index/mount:Mount"
# `+*` is what `Pattern.parse` would refuse.
_PATTERNS = {"type": "array", "items": {"type": "string", "minLength": 1, "not": {"pattern": "\\+\\*"}}}
ENVIRONMENTS_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": "For each environment the paths and principals that belong to it, as Vault path patterns.",
    "additionalProperties": {
        "type": "object",
        "additionalProperties": False,
        "required": ["paths"],
        "properties": {"paths": _PATTERNS, "principals": _PATTERNS},
    },
}
Patterns = Mapping[str, Sequence[Pattern]]  # environment -> patterns


@dataclass(frozen=True)
class Labels:
    """The configured environments with their paths and principals."""

    paths: Patterns
    principals: Patterns

    @classmethod
    def configured(cls, settings: Settings) -> Labels:
        """Read the setting `environments`.

        Raises:
            NotApplicableError: there is none, so nothing is said about environments.
        """
        environments = sorted(settings.mapping("environments").items())
        if not environments:
            raise NotApplicableError("no environments are configured")
        return cls(
            *({name: [Pattern.parse(p) for p in entry.get(key, ())] for name, entry in environments} for key in _KEYS)
        )

    def environments_of(self, principal: str | None) -> frozenset[str]:
        """The environments whose principals include this API path; empty if it is unlabelled."""
        return frozenset(
            name
            for name, patterns in self.principals.items()
            if principal is not None and any(pattern.matches(principal) for pattern in patterns)
        )

    def overlaps(self) -> Iterator[Finding]:
        """Nothing may belong to two environments."""
        for what, labels in zip(_KEYS, (self.paths, self.principals), strict=True):
            for (one, ours), (other, theirs) in combinations(labels.items(), 2):
                shared = (witness([a, b]) for a in ours for b in theirs)
                if (path := next((path for path in shared if path is not None), None)) is not None:
                    yield Violation(f"the configured {what} of {one} and {other} overlap, for example '{path}'.")

    def unlabelled_mounts(self, resources: Sequence[Resource]) -> Iterator[Finding]:
        """A secrets engine under no environment's paths is unknown."""
        for mount in (resource for resource in resources if resource.resource_type == MOUNT):
            try:
                path = (text(mount.props, "path") or "").strip("/")
            except UnreadablePropertyError as error:
                yield Undecided(f"mount '{mount.name}': {error}, so its environment is unknown.", mount)
                continue
            inside = Pattern(f"{path}/*")
            if not any(intersects(inside, pattern) for own in self.paths.values() for pattern in own):
                yield Undecided(f"mount '{path}' belongs to no configured environment.", mount)


_KEYS = ("paths", "principals")
