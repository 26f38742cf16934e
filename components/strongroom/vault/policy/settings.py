"""What a stanza may say beside its capabilities, each setting in its normal form."""

import re
from datetime import datetime
from fractions import Fraction
from typing import Final

from strongroom.spec.problems import shown
from strongroom.vault.policy.syntax import Item, Value
from strongroom.vault.policy.tokens import At, Flaw


class SettingReader:
    """Reads settings, and collects what is wrong with them."""

    def __init__(self, flaws: "list[Flaw]") -> None:
        self.flaws = flaws

    def flaw(self, at: At, message: str, remedy: str = "", *, syntax: bool = True) -> None:
        self.flaws.append(Flaw(at, message, remedy, syntax))

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
