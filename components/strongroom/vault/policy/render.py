"""The text of a Vault ACL policy, from rules."""

from collections.abc import Iterable
from dataclasses import dataclass

from strongroom.templating import render


@dataclass(frozen=True, slots=True)
class PathRule:
    """What may be done at one path pattern, and why."""

    path: str
    capabilities: tuple[str, ...]
    because: tuple[str, ...] = ()
    """For readers of the policy: the grants it follows from."""


def merged(rules: Iterable[PathRule]) -> tuple[PathRule, ...]:
    """One rule a path, as the server would merge them; paths and capabilities in order, reasons as they came."""
    found: dict[str, tuple[set[str], dict[str, None]]] = {}
    for rule in rules:
        capabilities, because = found.setdefault(rule.path, (set(), {}))
        capabilities.update(rule.capabilities)
        because.update(dict.fromkeys(rule.because))
    return tuple(
        PathRule(path, ("deny",) if "deny" in capabilities else tuple(sorted(capabilities)), tuple(because))
        for path, (capabilities, because) in sorted(found.items())
    )


def policy_text(heading: Iterable[str], rules: Iterable[PathRule]) -> str:
    """HCL. `heading` says in comment lines where the policy comes from."""
    return render("strongroom.vault.policy", "policy.hcl", heading=list(heading), rules=list(rules))
