"""EventBridge's language of patterns, as far as ours use it: Amazon EventBridge, "Event patterns", and event-ruler.

Whatever is not known here raises: a pattern that nobody understands proves nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any


def matches(pattern: str, event: Mapping[str, Any]) -> bool:
    """Whether a rule with this pattern hears of the event."""
    return _holds(json.loads(pattern), event)


def _holds(pattern: Mapping[str, Any], event: Any) -> bool:
    return all(_field(name, wanted, event) for name, wanted in pattern.items())


def _field(name: str, wanted: Any, event: Any) -> bool:
    if name == "$or":
        # Of fewer than two, EventBridge takes the name for a field's.
        assert isinstance(wanted, list)
        assert len(wanted) > 1
        return any(_holds(each, event) for each in wanted)
    found = list(_values(name, event))
    if isinstance(wanted, dict):
        return any(_holds(wanted, value) for value in found or [{}])
    assert isinstance(wanted, list)
    assert wanted
    leaves = [value for value in found if not isinstance(value, dict)]
    return any(_filter(each, leaves) for each in wanted)


def _values(name: str, event: Any) -> Iterator[Any]:
    """What stands under a name; of a list each item is meant."""
    for item in event if isinstance(event, list) else [event]:
        if isinstance(item, dict) and name in item:
            value = item[name]
            yield from value if isinstance(value, list) else [value]


def _filter(wanted: Any, values: list[Any]) -> bool:
    if isinstance(wanted, dict):
        ((operator, operand),) = wanted.items()
        if operator == "exists":
            return bool(values) is bool(operand)
        return any(_holds_by(operator, operand, value) for value in values)
    return wanted in values


def _holds_by(operator: str, operand: Any, value: Any) -> bool:
    match operator, operand:
        case "prefix", str():
            return isinstance(value, str) and value.startswith(operand)
        case "wildcard", str() | list():
            patterns = [operand] if isinstance(operand, str) else operand
            return isinstance(value, str) and any(_wildcard(each, value) for each in patterns)
        case "anything-but", list():
            return value not in operand
        case "anything-but", dict():
            ((inner, what),) = operand.items()
            return not _holds_by(inner, what, value)
    raise AssertionError(f"{operator} {operand!r} is none of what is understood here")


def _wildcard(pattern: str, value: str) -> bool:
    assert "**" not in pattern
    assert "\\" not in pattern
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), value, re.DOTALL) is not None
