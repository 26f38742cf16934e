"""Policy documents: compared by what they say, refused if they are no JSON."""

import json
from typing import Any

from ..frame.row import Rule
from ..frame.rules import json_object


def same_policy(old: Any, new: Any) -> bool:
    """Whether two policy documents say the same: a list of one is its item, and the order of a list means nothing."""
    try:
        return bool(_plain(json.loads(old)) == _plain(json.loads(new)))
    except (TypeError, ValueError):
        return bool(old == new)


def policy(name: str) -> Rule:
    """Return the rule that an input is the JSON text of an object."""
    return json_object(name, "a policy")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        items = sorted((_plain(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
        return items[0] if len(items) == 1 else items
    return value
