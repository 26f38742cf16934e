"""One stanza of a policy by hand: what it allows, in its normal form, and what is wrong with it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic_core import PydanticCustomError

from strongroom.spec.problems import did_you_mean, shown
from strongroom.vault.policy.settings import SettingReader
from strongroom.vault.policy.syntax import Item, Value
from strongroom.vault.policy.tokens import At, Flaw
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


class StanzaReader(SettingReader):
    """Reads one stanza, and collects what is wrong with it."""

    def __init__(self, path: str, at: At, body: Value, flaws: list[Flaw]) -> None:
        super().__init__(flaws)
        self.path = path
        self.at = at
        self.body = body
        self.places: dict[str, At] = {}
        self.sound_before = len(flaws)

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


def _known(words: Iterable[str]) -> str:
    return "known: " + ", ".join(sorted(words))
