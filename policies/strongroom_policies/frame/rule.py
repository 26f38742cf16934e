"""A rule: what it looks for, how bad that is, which published control says so, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pulumi_policy import Severity

from strongroom_policies.frame.settings import ALLOW_SCHEMA, Settings


class Resource(Protocol):
    """What rules see of a resource: the same for a resource under validation and for one of a whole stack."""

    resource_type: str
    props: Mapping[str, Any]
    urn: str
    name: str


@dataclass(frozen=True)
class Finding:
    """Something a rule has to say. The message names paths, policies and capabilities, and never shows a value."""

    message: str
    resource: Resource | None = None  # None: the stack as a whole


class Violation(Finding):
    """The rule is broken."""


class Undecided(Finding):
    """The rule cannot tell, and why. Shown as an advisory whatever the rule's own level is."""


class NotApplicableError(Exception):
    """The rule does not apply to this stack; the argument is the reason."""


@dataclass(frozen=True)
class Framework:
    """A published control. Numbers move between versions of a benchmark, so all three are stored."""

    name: str
    version: str
    number: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Metadata common to all rules."""

    id: str  # as in the catalogue: V02
    slug: str
    title: str  # what is wrong, in one sentence
    severity: Severity
    frameworks: tuple[Framework, ...]
    topics: tuple[str, ...]
    remediation: str
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # JSON Schema, one entry a setting

    @property
    def name(self) -> str:
        """The policy's name, by which pack configuration and reports know it."""
        return f"{self.id.lower()}-{self.slug}"

    @property
    def docs(self) -> str:
        """Where the rule is explained, relative to the repository's root."""
        page = self.topics[0]
        return f"docs/policies/{page}.md#{self.name}"

    @property
    def schema(self) -> dict[str, dict[str, Any]]:
        """JSON Schema of everything that can be configured for this rule."""
        return {"allow": ALLOW_SCHEMA, **{key: dict(value) for key, value in self.settings.items()}}


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """Judges one resource by itself, before it is created or changed."""

    types: frozenset[str]
    check: Callable[[Resource, Settings], Iterable[Finding]]


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule):
    """Judges all resources of a stack together, at the end of a preview or update."""

    check: Callable[[Sequence[Resource], Settings], Iterable[Finding]]
