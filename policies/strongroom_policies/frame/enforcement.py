"""How strictly a violation is treated: a table of environment and severity.

The engine lets the pack configuration (`enforcementLevel`, or `"all"`) override what the table says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi_policy import EnforcementLevel, Severity

CONFIG_KEY = "strongroom:environment"  # stack configuration: `pulumi config set strongroom:environment prod`
TAG = "environment"

_ADVISORY, _MANDATORY = EnforcementLevel.ADVISORY, EnforcementLevel.MANDATORY
_LENIENT = dict.fromkeys(Severity, _ADVISORY)
_STRICT = dict.fromkeys(Severity, _MANDATORY)

TABLE: Mapping[str, Mapping[Severity, EnforcementLevel]] = {
    "sandbox": _LENIENT,
    "dev": _LENIENT,
    "staging": _LENIENT | {Severity.CRITICAL: _MANDATORY, Severity.HIGH: _MANDATORY},
    "prod": _STRICT,
}
_SYNONYMS = {"development": "dev", "stage": "staging", "production": "prod"}


@dataclass(frozen=True)
class Environment:
    """The environment of a stack and where that is written."""

    name: str | None  # None: unknown
    source: str

    def level(self, severity: Severity) -> EnforcementLevel:
        """The level of a rule of this severity. An unknown environment is treated like prod."""
        return TABLE.get(self.name or "", _STRICT)[severity]


UNKNOWN = Environment(None, "nothing says which environment this is")


def resolve(stack: str, config: Mapping[str, str], tags: Mapping[str, str]) -> Environment:
    """The environment of a stack: what its configuration says, else its tag, else a part of its name.

    Something explicit that the table does not know is unknown; the next source is not asked. A name decides only
    if exactly one of its parts (between `-`, `_` and `.`) is an environment: `prod-payments` is, `devtools` is not.
    """
    if explicit := config.get(CONFIG_KEY):
        return Environment(_known(explicit), f"stack configuration {CONFIG_KEY}")
    if explicit := tags.get(TAG):
        return Environment(_known(explicit), f"stack tag {TAG!r}")
    parts = {_known(part) for part in stack.replace("_", "-").replace(".", "-").split("-")} - {None}
    return Environment(parts.pop(), "stack name") if len(parts) == 1 else UNKNOWN


def _known(text: str) -> str | None:
    name = text.strip().lower()
    name = _SYNONYMS.get(name, name)
    return name if name in TABLE else None
