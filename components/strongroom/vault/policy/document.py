"""A policy by hand, read and checked: its stanzas, and all that is wrong with them.

Beside what the servers refuse, this refuses what they take and what then does something else than it seems to: a path
given twice, a `deny` with company, a `*` that is no wildcard, settings that say nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final

from pydantic_core import PydanticCustomError

from strongroom.spec.problems import did_you_mean, shown
from strongroom.vault.policy.syntax import At, Flaw, Item, UnreadableError, Value, is_json, read
from strongroom.vault.policy.words import CAPABILITIES, LEGACY, check_pattern

KEYS: Final = frozenset(
    {
        *("capabilities", "comment", "policy"),
        *("allowed_parameters", "denied_parameters", "required_parameters", "max_wrapping_ttl", "min_wrapping_ttl"),
        *("control_group", "mfa_methods", "subscribe_event_types"),
        *("expiration", "list_scan_response_keys_filter_path", "pagination_limit"),
    }
)
"""What a stanza may hold on any server; which server knows which is in `vault/profile.py`."""


@dataclass(frozen=True)
class Stanza:
    """One `path "…" { … }`, in its normal form."""

    path: str
    at: At
    capabilities: tuple[str, ...]
    """Sorted; what the old `policy` stands for is among them."""
    comment: str
    settings: Mapping[str, object]
    """All else by key: seconds, texts, sorted lists, or parameters with their values."""
    places: Mapping[str, At]
    """Where each key and each capability stands."""


def parse(text: str) -> tuple[tuple[Stanza, ...], tuple[Flaw, ...]]:
    """The stanzas in the order of their paths, and every flaw; behind one that cannot be read nothing is found."""
    try:
        items = read(text)
    except UnreadableError as error:
        return (), (error.flaw,)
    flaws: list[Flaw] = []
    stanzas: dict[str, Stanza] = {}
    for path, at, body in _bodies(items, is_json(text), flaws):
        stanza = _Stanza(path, at, body, flaws).read()
        if first := stanzas.get(path):
            flaws.append(
                Flaw(
                    at, f"the path {shown(path)} is given in line {first.at.line} too", "write one stanza", syntax=False
                )
            )
        stanzas.setdefault(path, stanza)
    if not flaws and not stanzas:
        flaws.append(
            Flaw(At(1, 1), "the policy says nothing", 'write `path "…" { capabilities = ["read"] }`', syntax=False)
        )
    return tuple(stanzas[path] for path in sorted(stanzas)), tuple(flaws)


def _bodies(items: tuple[Item, ...], json: bool, flaws: list[Flaw]) -> Iterator[tuple[str, At, Value]]:
    """Every path with what is said of it, from either language."""
    for item in items:
        if item.key == "name":
            flaws.append(Flaw(item.at, "the name of a policy is not part of its text", "leave it out", syntax=False))
        elif item.key != "path":
            remedy = did_you_mean(item.key, ["path"], "a policy is made of `path` blocks")
            flaws.append(Flaw(item.at, f"unknown key {shown(item.key)}", remedy))
        elif len(item.labels) == 1:
            yield item.labels[0][0], item.labels[0][1], item.value
        elif json:
            yield from _members(item.value, flaws)
        elif item.assigned:
            flaws.append(
                Flaw(item.at, "a `path` is a block, and is not assigned", 'write `path "…" { … }`', syntax=False)
            )
        elif item.labels:
            flaws.append(Flaw(item.labels[1][1], "a second path has no effect", "write a block for each", syntax=False))
        else:
            flaws.append(
                Flaw(item.at, "the block does not say for which path it is", 'write `path "…" { … }`', syntax=False)
            )


def _members(value: Value, flaws: list[Flaw]) -> Iterator[tuple[str, At, Value]]:
    """JSON: an object from paths to stanzas, or a list of such objects."""
    for each in value.of if isinstance(value.of, list) else [value]:
        if isinstance(each.of, tuple):
            yield from ((member.key, member.at, member.value) for member in each.of)
        else:
            flaws.append(Flaw(each.at, "needs an object from paths to what is allowed there"))


class _Stanza:
    """Reads one stanza, and collects what is wrong with it."""

    def __init__(self, path: str, at: At, body: Value, flaws: list[Flaw]) -> None:
        self.path = path
        self.at = at
        self.body = body
        self.flaws = flaws
        self.places: dict[str, At] = {}
        self.sound_before = len(flaws)

    def flaw(self, at: At, message: str, remedy: str = "", *, syntax: bool = True) -> None:
        self.flaws.append(Flaw(at, message, remedy, syntax))

    def read(self) -> Stanza:
        self.check_path()
        capabilities: list[str] = []
        settings: dict[str, object] = {}
        comment = ""
        for item in self.items():
            self.places[item.key] = item.at
            if item.key == "capabilities":
                capabilities += self.capabilities(item.value)
            elif item.key == "policy":
                capabilities += self.legacy(item.value)
            elif item.key == "comment":
                comment = self.line(item.value)
            elif (setting := self.setting(item)) is not None:
                settings[item.key] = setting
        self.check_whole(capabilities, settings)
        return Stanza(self.path, self.at, tuple(sorted(set(capabilities))), comment, settings, self.places)

    def items(self) -> Iterator[Item]:
        if not isinstance(self.body.of, tuple):
            self.flaw(self.body.at, "needs an object such as {capabilities: [read]}")
            return
        seen: set[str] = set()
        for item in self.body.of:
            if item.key not in KEYS:
                self.flaw(item.at, f"unknown key {shown(item.key)}", did_you_mean(item.key, KEYS, _known(KEYS)))
            elif item.key in seen:
                self.flaw(item.at, f"'{item.key}' is given twice", "keep one of the two", syntax=False)
            else:
                seen.add(item.key)
                yield item

    def check_path(self) -> None:
        try:
            check_pattern(self.path)
        except PydanticCustomError as error:
            said = error.context or {}
            refused = "+*" in self.path or self.path.count("{{") != self.path.count("}}")
            self.flaw(self.at, str(said["text"]), str(said["remedy"]), syntax=refused)

    def check_whole(self, capabilities: list[str], settings: Mapping[str, object]) -> None:
        if not capabilities and len(self.flaws) == self.sound_before:
            self.flaw(self.at, "nothing is allowed here", 'write `capabilities = ["deny"]` to forbid it', syntax=False)
        if "deny" in capabilities and (len(set(capabilities)) > 1 or settings):
            at = self.places.get("capability deny", self.at)
            self.flaw(
                at, "`deny` takes away all that stands beside it", "write it alone, or leave it out", syntax=False
            )
        if "deny" in capabilities and "{{" in self.path:
            self.flaw(
                self.at,
                "a `deny` at a templated path is left out for whoever has no value for the template",
                "deny the path without a template, or grant less",
                syntax=False,
            )
        longest, shortest = settings.get("max_wrapping_ttl"), settings.get("min_wrapping_ttl")
        if isinstance(longest, int) and isinstance(shortest, int) and longest < shortest:
            self.flaw(self.places["max_wrapping_ttl"], "max_wrapping_ttl is shorter than min_wrapping_ttl", "swap them")

    def capabilities(self, value: Value) -> list[str]:
        found = []
        for each in self.list(value):
            if each.of not in CAPABILITIES:
                remedy = did_you_mean(str(each.of), CAPABILITIES, _known(CAPABILITIES))
                self.flaw(each.at, f"unknown capability {shown(each.of)}", remedy)
            else:
                found.append(str(each.of))
                self.places.setdefault(f"capability {each.of}", each.at)
        if value.of == []:
            self.flaw(value.at, "nothing is allowed here", 'write ["deny"] to forbid it', syntax=False)
        return found

    def legacy(self, value: Value) -> list[str]:
        if isinstance(value.of, str) and value.of in LEGACY:
            self.places.setdefault(f"capability {value.of}", value.at)
            return list(LEGACY[value.of])
        self.flaw(value.at, f"unknown policy {shown(value.of)}", _known(LEGACY), syntax=value.of != "")
        return []

    def setting(self, item: Item) -> object:
        """A setting in its normal form; None if something is wrong with it."""
        match item.key:
            case "allowed_parameters" | "denied_parameters":
                found: object = self.parameters(item)
            case "max_wrapping_ttl" | "min_wrapping_ttl":
                found = self.seconds(item.value)
            case "pagination_limit":
                found = self.count(item.value)
            case "expiration":
                found = self.time(item.value)
            case "control_group":
                found = self.block(item.value)
            case "list_scan_response_keys_filter_path":
                found = self.line(item.value)
            case _:
                found = tuple(sorted(set(filter(None, map(self.text, self.list(item.value))))))
        if item.value.of in ([], ()):
            self.flaw(item.at, f"'{item.key}' says nothing", "leave it out", syntax=False)
        return found or None

    def block(self, value: Value) -> Value | None:
        if isinstance(value.of, tuple):
            return value
        self.flaw(value.at, "needs a block with `factor` blocks")
        return None

    def count(self, value: Value) -> int | None:
        text = str(value.of) if isinstance(value.of, int | str) else ""
        if re.fullmatch("[0-9]{1,9}", text) and int(text):
            return int(text)
        self.flaw(value.at, "needs a whole number of at least 1", syntax=False)
        return None

    def parameters(self, item: Item) -> object:
        if not isinstance(item.value.of, tuple):
            self.flaw(item.value.at, "needs an object from parameters to lists of values")
            return None
        found: dict[str, tuple[str | bool, ...]] = {}
        for each in item.value.of:
            if each.key.lower() in found:
                self.flaw(each.at, f"{shown(each.key)} is given twice; case means nothing", "keep one", syntax=False)
            if not _plain(each.key):
                self.flaw(each.at, "the name is no plain text", "write it without `${` and `%{`", syntax=False)
            values = self.list(each.value, refused=not isinstance(each.value.of, tuple))
            # Servers compare parameter names in lower case.
            found[each.key.lower()] = tuple(self.compared(value) for value in values)
        return tuple(sorted(found.items()))

    def compared(self, value: Value) -> str | bool:
        """A value that servers compare with a request's."""
        if isinstance(value.of, str | bool) and _plain(value.of):
            return value.of
        if isinstance(value.of, int | float):
            self.flaw(
                value.at,
                "a number here is equal to no number of a request",
                "write it as a text, and send it as one; or [] for any value",
                syntax=False,
            )
        else:
            self.flaw(value.at, "needs a plain text, true or false", syntax=False)
        return False

    def seconds(self, value: Value) -> int | None:
        found = _seconds(value.of)
        if found is None:
            self.flaw(value.at, "needs a duration", "write it as 90s, 15m, 1h30m or 1d")
        elif found.denominator != 1 or found <= 0:
            self.flaw(value.at, "needs at least one second, and whole ones", "write it as 90s, 15m or 1h", syntax=False)
        else:
            return int(found)
        return None

    def time(self, value: Value) -> str | None:
        text = value.of if isinstance(value.of, str) else ""
        if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", text):
            try:
                datetime.fromisoformat(text)
            except ValueError:
                pass
            else:
                return text
        self.flaw(value.at, "needs a time", "write it as 2030-12-31T00:00:00Z", syntax=False)
        return None

    def list(self, value: Value, *, refused: bool = True) -> "list[Value]":
        if isinstance(value.of, list):
            return value.of
        self.flaw(value.at, "needs a list", 'write it in brackets: ["…"]', syntax=refused)
        return []

    def text(self, value: Value) -> str:
        if isinstance(value.of, str) and value.of and _plain(value.of):
            return value.of
        self.flaw(value.at, "needs a plain text", "write it in double quotes, without `${` and `%{`", syntax=False)
        return ""

    def line(self, value: Value) -> str:
        text = self.text(value)
        if not text.isprintable():
            self.flaw(value.at, "needs one line of text", syntax=False)
            return ""
        return text


def _plain(value: object) -> bool:
    """Whether it can be written in HCL as it is: `${` and `%{` begin an interpolation there."""
    if isinstance(value, str):
        return not any(part in value for part in ("${", "%{", "\0"))
    return isinstance(value, bool)


_UNITS: Final = {
    "ns": Fraction(1, 10**9), "us": Fraction(1, 10**6), "µs": Fraction(1, 10**6), "ms": Fraction(1, 1000),
    "s": Fraction(1), "m": Fraction(60), "h": Fraction(3600),
}  # fmt: skip
_PART: Final = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)"


def _seconds(value: object) -> Fraction | None:
    """As the servers read it: a number or `90` are seconds, `1d` days, the rest is Go's `ParseDuration`."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    if re.fullmatch("-?[0-9]+", text):
        return Fraction(int(text))
    if re.fullmatch("[0-9]+d", text):
        return Fraction(int(text[:-1]) * 86400)
    if re.fullmatch(f"[-+]?({_PART})+", text):
        found = sum((Fraction(number) * _UNITS[unit] for number, unit in re.findall(_PART, text)), Fraction(0))
        return -found if text.startswith("-") else found
    return None


def _known(words: object) -> str:
    return "known: " + ", ".join(sorted(words))  # type: ignore[call-overload]
