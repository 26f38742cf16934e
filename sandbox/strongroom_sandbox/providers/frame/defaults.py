"""What a check fills in: the official provider's defaults, and generated names."""

import hashlib
from collections.abc import Mapping
from typing import Any

from .row import Row
from .values import DEFAULTS, Properties

_SUFFIX_LENGTH = 7


def with_defaults(row: Row[Any], inputs: Properties, old: Properties, resource_name: str, seed: bytes) -> Properties:
    """Return the inputs with defaults, and at each level the bridge's note of which they are.

    The note (`__defaults`) is kept although it is the bridge's own, because it decides whether a replacement must
    delete first (see `diff.py`), and because a state then means the same to the official provider.
    """
    nested = {name for name, wanted in row.inputs.items() if wanted.shape.kind == "object"}
    missing = {name: value for name, value in row.defaults.items() if "." not in name and name not in inputs}
    if row.autonamed and "name" not in inputs:
        missing["name"] = old.get("name") or generated_name(resource_name, seed)
    filled = {**inputs, **missing, DEFAULTS: sorted(missing)}
    for name in nested & inputs.keys():
        if isinstance(inputs[name], dict):
            filled[name] = _filled(inputs[name], row.defaults, f"{name}.")
    return filled


def generated_name(resource_name: str, seed: bytes) -> str:
    """Return `resource_name` with a suffix that depends on nothing but the engine's seed."""
    return f"{resource_name}-{hashlib.sha256(seed).hexdigest()[:_SUFFIX_LENGTH]}"


def _filled(values: Properties, defaults: Mapping[str, Any], prefix: str) -> Properties:
    inner = {name.removeprefix(prefix): value for name, value in defaults.items() if name.startswith(prefix)}
    missing = {name: value for name, value in inner.items() if name not in values}
    return {**values, **missing, DEFAULTS: sorted(missing)}
