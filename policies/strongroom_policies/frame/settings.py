"""A rule's configuration from the policy pack config, and the allow-list that every rule has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

ALLOW_SCHEMA: dict[str, Any] = {
    "type": "array",
    "default": [],
    "description": "Resources that may break this rule until a date, each with the reason.",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["resource", "reason", "expires"],
        "properties": {
            "resource": {"type": "string", "minLength": 1, "description": "Pulumi name or URN."},
            "reason": {"type": "string", "description": "Why, for the person who reads it in a year."},
            "expires": {"type": "string", "description": "Last day it holds, YYYY-MM-DD."},
        },
    },
}


class SettingsError(ValueError):
    """The configuration has a value of the wrong type. The engine checks the schema first, so this is rare."""


@dataclass(frozen=True)
class AllowList:
    """The entries that hold, and what is wrong with those that do not."""

    resources: frozenset[str]
    problems: tuple[tuple[str, str], ...]  # (resource, what is wrong)

    def covers(self, urn: str, name: str) -> bool:
        """May this resource break the rule?"""
        return urn in self.resources or name in self.resources


class Settings:
    """Configured values over the defaults of the rule's schema."""

    def __init__(self, values: Mapping[str, Any], schema: Mapping[str, Mapping[str, Any]], today: date) -> None:
        self._values = values
        self._schema = schema
        self._today = today

    def _get(self, key: str, kind: type) -> Any:
        value = self._values.get(key, self._schema[key].get("default"))
        if value is not None and not isinstance(value, kind):
            raise SettingsError(f"setting {key!r} is a {type(value).__name__}, expected a {kind.__name__}")
        return value

    def mapping(self, key: str) -> Mapping[str, Any]:
        """An object, empty if it is not configured."""
        return self._get(key, dict) or {}

    def strings(self, key: str) -> frozenset[str]:
        """A list of strings."""
        return frozenset(str(item) for item in self._get(key, list) or [])

    def allow_list(self) -> AllowList:
        """The allow-list, judged on the day that was passed in."""
        entries: Sequence[Any] = self._get("allow", list) or []
        good, problems = set(), []
        for entry in entries:
            fields = entry if isinstance(entry, Mapping) else {}
            resource = str(fields.get("resource", ""))
            if problem := _problem(resource, fields, self._today):
                problems.append((resource, problem))
            else:
                good.add(resource)
        return AllowList(frozenset(good), tuple(problems))


def _problem(resource: str, fields: Mapping[str, Any], today: date) -> str | None:
    if not resource.strip():
        return "names no resource"
    if not str(fields.get("reason", "")).strip():
        return "has no reason"
    try:
        expires = date.fromisoformat(str(fields.get("expires", "")))
    except ValueError:
        return "has no expiry date of the form YYYY-MM-DD"
    return f"expired on {expires}" if today > expires else None
