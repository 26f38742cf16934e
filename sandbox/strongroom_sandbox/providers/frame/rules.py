"""Rules about inputs that rows of several vendors have."""

import json

from .row import Rule
from .values import Properties


def json_object(name: str, what: str = "an object") -> Rule:
    """Return the rule that an input is the JSON text of an object, which `what` may call by a name of its own."""

    def rule(inputs: Properties) -> tuple[str, str] | None:
        text = inputs.get(name)
        try:
            good = not isinstance(text, str) or isinstance(json.loads(text), dict)
        except ValueError:
            good = False
        return None if good else (name, f"{name} must be the JSON text of {what}: use json.dumps({{...}})")

    return rule
