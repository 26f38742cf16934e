"""Reading properties that may be unknown, secret, absent or of the wrong type.

In a preview the first touch of an unknown value raises and would drop the whole rule; here it becomes a reason that
belongs to one property. Values arrive in plaintext and unmarked, so no reason ever shows one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_policy.proxy import UnknownValueError


class UnreadablePropertyError(Exception):
    """A property cannot be judged; the argument says why, without its value."""


def value(props: Mapping[str, Any], key: str) -> Any:
    """The value of a property, None if it is absent.

    Raises:
        UnreadablePropertyError: it is not known before the deployment.
    """
    try:
        return props.get(key)
    except UnknownValueError:
        raise UnreadablePropertyError(f"'{key}' is not known before the deployment") from None


def text(props: Mapping[str, Any], key: str) -> str | None:
    """A string property, None if it is absent.

    Raises:
        UnreadablePropertyError: unknown or not a string.
    """
    found = value(props, key)
    if found is not None and not isinstance(found, str):
        raise UnreadablePropertyError(f"'{key}' is not a string but a {_kind(found)}")
    return found


@dataclass(frozen=True)
class Texts:
    """A list of strings as far as it can be read: (position, text), and why the rest cannot."""

    known: tuple[tuple[int, str], ...] = ()
    unreadable: tuple[str, ...] = ()


def texts(props: Mapping[str, Any], key: str) -> Texts:
    """A list of strings, element by element. Absent is empty."""
    try:
        found = value(props, key)
    except UnreadablePropertyError as error:
        return Texts(unreadable=(str(error),))
    if found is None:
        return Texts()
    if isinstance(found, str) or not isinstance(found, Sequence):
        return Texts(unreadable=(f"'{key}' is not a list but a {_kind(found)}",))
    known: list[tuple[int, str]] = []
    unreadable: list[str] = []
    for position in range(len(found)):
        try:
            element = found[position]
        except UnknownValueError:
            unreadable.append(f"'{key}[{position}]' is not known before the deployment")
            continue
        if isinstance(element, str):
            known.append((position, element))
        else:
            unreadable.append(f"'{key}[{position}]' is not a string but a {_kind(element)}")
    return Texts(tuple(known), tuple(unreadable))


def _kind(found: Any) -> str:
    match found:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case Mapping():
            return "map"
        case Sequence():
            return "list"
    return type(found).__name__
