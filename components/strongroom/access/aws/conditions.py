"""Conditions of statements: AWS, "IAM JSON policy elements: Condition operators" and "Policy variables"."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from operator import eq, ge, gt, le, lt
from typing import Any, Final

from strongroom.access.aws.logic import Truth, every, opposite, some
from strongroom.access.aws.patterns import LITERAL, arn_matches, matches, plain
from strongroom.access.aws.request import Request
from strongroom.access.aws.statement import VERSION, Condition

_Compare = Callable[[str, str], Truth]
"""A value of the request and one of the policy."""


def _equal(given: str, wanted: str) -> Truth:
    return given == plain(wanted)


def _equal_in_any_case(given: str, wanted: str) -> Truth:
    return given.lower() == plain(wanted).lower()


def _like(given: str, wanted: str) -> Truth:
    return matches(wanted, given)


def _arn(given: str, wanted: str) -> Truth:
    return arn_matches(wanted, given)


def _ordered(read: Callable[[str], Any], compare: Callable[[Any, Any], bool], given: str, wanted: str) -> Truth:
    try:
        return compare(read(given), read(wanted))
    except ValueError:
        return None


def _moment(written: str) -> datetime:
    if re.fullmatch(r"[0-9]+", written):
        return datetime.fromtimestamp(int(written), UTC)
    moment = datetime.fromisoformat(written.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _address(given: str, wanted: str) -> Truth:
    try:
        return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return None


_NEGATABLE: Final[Mapping[str, _Compare]] = {
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _equal_in_any_case,
    "StringLike": _like,
    "ArnEquals": _arn,  # both take wildcards, and are the same
    "ArnLike": _arn,
    "NumericEquals": partial(_ordered, float, eq),
    "DateEquals": partial(_ordered, _moment, eq),
    "IpAddress": _address,
}
_COMPARED: Final = {"LessThan": lt, "LessThanEquals": le, "GreaterThan": gt, "GreaterThanEquals": ge}


def _not(operator: str) -> str:
    """The operator that says the opposite: `StringNotEquals`, `ArnNotLike`, `NotIpAddress`."""
    return f"Not{operator}" if operator == "IpAddress" else re.sub("(Equals|Like)", r"Not\1", operator)


_OPERATORS: Final[Mapping[str, tuple[_Compare, bool]]] = {
    **{name: (compare, False) for name, compare in _NEGATABLE.items()},
    **{_not(name): (compare, True) for name, compare in _NEGATABLE.items()},
    **{f"Numeric{name}": (partial(_ordered, float, compare), False) for name, compare in _COMPARED.items()},
    **{f"Date{name}": (partial(_ordered, _moment, compare), False) for name, compare in _COMPARED.items()},
    "Bool": (_equal_in_any_case, False),
    "BinaryEquals": (_equal, False),
}
"""Operator -> how it compares, and whether it then says the opposite."""

_FORM: Final = re.compile(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?")
_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")


def holds(condition: Condition, request: Request, version: str = VERSION) -> Truth:
    """Whether a condition holds; None if the request does not say enough, or the operator is none of ours."""
    form, given = _FORM.fullmatch(condition.operator), request.values(condition.key)
    if form is None or given is None:
        return None
    of_several, operator, if_exists = form.groups()
    if operator == "Null":
        return some(value.lower() == ("false" if given else "true") for value in condition.values)
    if operator not in _OPERATORS:
        return None
    compare, inverted = _OPERATORS[operator]
    if not given:
        # Without a value, negated operators hold, and ForAllValues does too: there is none that fails.
        return bool(if_exists) or (of_several == "ForAllValues" if of_several else inverted)
    wanted = [expanded(value, request, version) for value in condition.values]

    def fits(value: str) -> Truth:
        found = some(None if one is None else compare(value, one) for one in wanted)
        return opposite(found) if inverted else found

    if of_several is None:
        # AWS does not say how it compares several values without being told to.
        return fits(given[0]) if len(given) == 1 else None
    return (every if of_several == "ForAllValues" else some)(map(fits, given))


def expanded(text: str, request: Request, version: str = VERSION) -> str | None:
    """A text of a policy with its variables filled in; None if one of them is not known, or the request has it not."""
    if version != VERSION or "${" not in text:
        return text
    unknown = False

    def value(match: re.Match[str]) -> str:
        nonlocal unknown
        name, _, default = match[1].partition(",")
        if name in {"*", "?", "$"}:
            return LITERAL.get(name, name)
        given = request.values(name.strip())
        if given == () and default:
            return _literally(default.strip().strip("'"))
        if given is None or len(given) != 1:
            unknown = True
            return ""
        return _literally(given[0])

    filled = _VARIABLE.sub(value, text)
    return None if unknown else filled


def _literally(text: str) -> str:
    """A value in which `*` and `?` are characters, not wildcards."""
    for character, stand_in in LITERAL.items():
        text = text.replace(character, stand_in)
    return text
