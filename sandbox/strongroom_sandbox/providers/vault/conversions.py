"""How a property's value differs between Pulumi and the server's API. Each conversion is named once, here."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..frame.inputs import Shape

_UNIT_SECONDS = {"h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(\d+)([hms])")


def snake(name: str) -> str:
    """Return the API's name of a property: `boundAudiences` is `bound_audiences`."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


@dataclass(frozen=True)
class Conversion:
    """How a value is sent, and how it is understood when it comes back."""

    to_server: Callable[[Any], Any]
    from_server: Callable[[Any], Any]


def duration(seconds: Any) -> str:
    """Return seconds as the official provider writes a duration: 5400 is `1h30m`, 0 is `0s`."""
    rest, text = int(seconds), ""
    for unit, size in _UNIT_SECONDS.items():
        count, rest = divmod(rest, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def seconds(text: Any) -> int:
    """Return the seconds of a duration such as `1h30m0s`; a number, also as text, is seconds already."""
    if isinstance(text, int) or (text or "").isdecimal():
        return int(text)
    return sum(int(count) * _UNIT_SECONDS[unit] for count, unit in _DURATION.findall(text or ""))


def _unchanged(value: Any) -> Any:
    return value


SECONDS_AS_DURATION = Conversion(lambda value: f"{value}s", seconds)
"""Pulumi has seconds, the server a duration with a unit."""
DURATION_AS_SECONDS = Conversion(_unchanged, duration)
"""Pulumi has a duration with a unit, the server takes that and answers in seconds."""
LIST_AS_COMMAS = Conversion(",".join, lambda text: text.split(",") if text else [])
"""Pulumi has a list, the server one text with commas."""
COMMAS_AS_LIST = Conversion(_unchanged, lambda value: ",".join(value) if isinstance(value, list) else value)
"""Pulumi has one text with commas, the server takes that and answers with a list."""


def _with_mask(address: str) -> str:
    return address if "/" in address else f"{address}/{128 if ':' in address else 32}"


HOSTS_AS_NETWORKS = Conversion(_unchanged, lambda addresses: [_with_mask(address) for address in addresses or []])
"""Pulumi has networks, the server writes a network of one host without its mask."""


def same_networks(old: Any, new: Any) -> bool:
    """Whether two lists name the same networks, in any order, with or without the mask of a single host."""
    return {_with_mask(address) for address in old} == {_with_mask(address) for address in new}


def same_json(old: Any, new: Any) -> bool:
    """Whether two JSON texts say the same; texts that are not JSON are compared as they are."""
    try:
        return bool(json.loads(old) == json.loads(new))
    except (TypeError, ValueError):
        return bool(old == new)


def json_text(value: Any) -> str:
    """Return compact JSON in a stable order, as the official provider keeps it in the state."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def texts(values: dict[str, Any]) -> dict[str, str]:
    """Return a map of texts, with JSON for whatever is none."""
    return {name: value if isinstance(value, str) else json_text(value) for name, value in values.items()}


def fitted(value: Any, shape: Shape) -> Any:
    """Return a server's value in the type that Pulumi declares: a number as text where it says string, and so on."""
    if value is None:
        return shape.zero if shape.kind in ("list", "map") else None
    match shape.kind:
        case "string":
            return value if isinstance(value, str) else _text(value)
        case "integer":
            return seconds(value) if isinstance(value, str) else int(value)
        case "list" if shape.item is not None:
            return [fitted(item, shape.item) for item in (value if isinstance(value, list) else [value])]
        case "map" if shape.item is not None:
            return {name: fitted(item, shape.item) for name, item in value.items()}
        case _:
            return value


def _text(value: Any) -> str:
    return json_text(value) if isinstance(value, bool | list | dict) else str(value)
