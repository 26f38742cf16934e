"""Policies of AWS as data, to be written and to be read: "IAM JSON policy elements reference"."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

VERSION: Final = "2012-10-17"
"""The language with variables. In the older one, `2008-10-17`, they are plain text."""

Values = tuple[str, ...]
Principals = tuple[tuple[str, Values], ...]
"""Kind of principal (`AWS`, `Service`, `Federated`, `CanonicalUser`) and who. `"*"` is `(("*", ("*",)),)`."""

EVERYONE: Final[Principals] = (("*", ("*",)),)


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of a Condition, which holds by one operator against any one of the values."""

    operator: str
    key: str
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement. Of an element and its `not_` form at most one is given."""

    effect: Literal["Allow", "Deny"]
    action: Values = ()
    not_action: Values = ()
    resource: Values = ()
    """Of neither of both, as in trust policies: whatever the policy hangs on."""
    not_resource: Values = ()
    principal: Principals = ()
    not_principal: Principals = ()
    condition: tuple[Condition, ...] = ()
    """All of them must hold."""
    sid: str = ""

    def as_data(self) -> dict[str, Any]:
        """In AWS's order. A list of one is written as that one, which is shorter and means the same."""
        data: dict[str, Any] = {"Sid": self.sid} if self.sid else {}
        data["Effect"] = self.effect
        elements = {
            "Principal": _principals(self.principal),
            "NotPrincipal": _principals(self.not_principal),
            "Action": _one_or_several(self.action),
            "NotAction": _one_or_several(self.not_action),
            "Resource": _one_or_several(self.resource),
            "NotResource": _one_or_several(self.not_resource),
        }
        data |= {name: value for name, value in elements.items() if value}
        condition: dict[str, dict[str, Any]] = {}
        for each in self.condition:
            condition.setdefault(each.operator, {})[each.key] = _one_or_several(each.values)
        return data | ({"Condition": condition} if condition else {})


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document, with a name by which evidence refers to it."""

    name: str
    statements: tuple[Statement, ...]
    version: str = VERSION


def text(statements: Iterable[Statement]) -> str:
    """A document as JSON without blanks: the same statements give the same bytes."""
    data = {"Version": VERSION, "Statement": [statement.as_data() for statement in statements]}
    return json.dumps(data, separators=(",", ":"))


def parse(name: str, document: str) -> Policy:
    """Reads a document. Raises ValueError, with the place, if AWS would not take it or has a newer language."""
    try:
        data = json.loads(document, object_pairs_hook=_without_repetition)
    except json.JSONDecodeError as error:
        raise ValueError(f"{name}: no JSON at line {error.lineno}, column {error.colno}") from None
    if not isinstance(data, dict) or (unknown := set(data) - {"Version", "Id", "Statement"}) or "Statement" not in data:
        raise ValueError(f"{name}: a policy has Version, Id and Statement; found {sorted(unknown)}")
    version = data.get("Version", "2008-10-17")
    if version not in (VERSION, "2008-10-17"):
        raise ValueError(f"{name}: Version {version!r} is none that AWS has")
    statements = data["Statement"] if isinstance(data["Statement"], list) else [data["Statement"]]
    return Policy(
        name, tuple(_statement(f"{name}, statement {at}", each) for at, each in enumerate(statements, start=1)), version
    )


_ELEMENTS: Final = ("Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal")


def _statement(where: str, data: Any) -> Statement:
    if not isinstance(data, dict) or (unknown := set(data) - {"Sid", "Effect", "Condition", *_ELEMENTS}):
        raise ValueError(f"{where}: unknown elements {sorted(unknown) if isinstance(data, dict) else data!r}")
    if data.get("Effect") not in ("Allow", "Deny"):
        raise ValueError(f"{where}: Effect is Allow or Deny")
    for element in ("Action", "Resource", "Principal"):
        if element in data and f"Not{element}" in data:
            raise ValueError(f"{where}: has both {element} and Not{element}")
    if "Action" not in data and "NotAction" not in data:
        raise ValueError(f"{where}: has neither Action nor NotAction")
    condition = data.get("Condition", {})
    if not isinstance(condition, dict) or not all(isinstance(keys, dict) for keys in condition.values()):
        raise ValueError(f"{where}: Condition is operators with keys with values")
    return Statement(
        sid=str(data.get("Sid", "")),
        effect=cast("Literal['Allow', 'Deny']", data["Effect"]),
        action=_values(f"{where}, Action", data.get("Action", ())),
        not_action=_values(f"{where}, NotAction", data.get("NotAction", ())),
        resource=_values(f"{where}, Resource", data.get("Resource", ())),
        not_resource=_values(f"{where}, NotResource", data.get("NotResource", ())),
        principal=_who(f"{where}, Principal", data.get("Principal", {})),
        not_principal=_who(f"{where}, NotPrincipal", data.get("NotPrincipal", {})),
        condition=tuple(
            Condition(operator, key, _values(f"{where}, Condition {operator} {key}", values))
            for operator, keys in condition.items()
            for key, values in keys.items()
        ),
    )


def _who(where: str, data: Any) -> Principals:
    if data == "*":
        return EVERYONE
    if not isinstance(data, Mapping):
        raise ValueError(f"{where}: is '*', or kinds of principals with who")
    return tuple((kind, _values(f"{where} {kind}", who)) for kind, who in data.items())


def _values(where: str, data: Any) -> Values:
    listed = data if isinstance(data, list | tuple) else [data]
    if not all(isinstance(value, str | bool | int | float) for value in listed):
        raise ValueError(f"{where}: is a text or a list of texts")
    # AWS takes true and 5 for "true" and "5".
    return tuple(value if isinstance(value, str) else json.dumps(value) for value in listed)


def _one_or_several(values: Values) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


def _principals(principals: Principals) -> Any:
    return "*" if principals == EVERYONE else {kind: _one_or_several(who) for kind, who in principals}


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a key stands twice among {', '.join(key for key, _ in pairs)}; AWS refuses that")
    return found
