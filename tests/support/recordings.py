"""Replays what the official provider answered against another provider and a real server, and compares."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .stand_in import Engine, Json, revealed

CANNOT_BE_EQUAL = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # ids that a server or provider draws
    r"|\b(?:auth_)?[a-z]+_[0-9a-f]{8}\b"  # accessors of mounts
    r"|\b(?:[0-9a-f]{2}:){15,}[0-9a-f]{2}\b"  # serial numbers of certificates
    r"|\b20\d\d-\d\d-\d\dT[\d:.]+Z"  # times
    r"|\b1[78]\d{8}\b"  # times as Unix seconds
    r"|-----BEGIN CERTIFICATE REQUEST-----(?s:.*)"  # made with a key that was drawn
    r"|(?s:.*)\.\.\.\(\d+ characters\)"  # long texts that the recording cut
)
"""What differs between two runs of any provider. Where such a token occurs again it must be the same one again."""

INTERNAL = {"__pulumi_raw_state_delta", "__meta"}
"""The bridge's own notes on how to rebuild a Terraform state; a stand-in has none. `__defaults` is compared."""

BUILT_DIFFERENTLY = {"vault:index/passwordPolicy:PasswordPolicy"}
"""Types that the official provider builds on Terraform's newer framework: no nulls, no note of defaults, no details."""


@dataclass
class Book:
    """What stands in this run for each token of the recording."""

    tokens: dict[str, str] = field(default_factory=dict)

    def translated(self, value: Any) -> Any:
        """Return a request of the recording in terms of this run."""
        if isinstance(value, str):
            for recorded in sorted(self.tokens, key=len, reverse=True):
                value = value.replace(recorded, self.tokens[recorded])
            return value
        if isinstance(value, dict):
            return {name: self.translated(item) for name, item in value.items()}
        return [self.translated(item) for item in value] if isinstance(value, list) else value

    def differences(self, recorded: Any, ours: Any, path: str = "") -> Iterator[str]:
        """Yield where `ours` is not what was recorded, learning new tokens on the way."""
        if isinstance(recorded, str) and isinstance(ours, str):
            if not self._alike(recorded, ours):
                yield f"{path}: recorded {recorded!r}, ours {ours!r}"
        elif isinstance(recorded, dict) and isinstance(ours, dict):
            for name in sorted(recorded.keys() | ours.keys()):
                where = f"{path}.{name}" if path else name
                if name not in ours or name not in recorded:
                    yield f"{where}: {'ours lacks it' if name not in ours else f'only ours: {ours[name]!r}'}"
                else:
                    yield from self.differences(recorded[name], ours[name], where)
        elif isinstance(recorded, list) and isinstance(ours, list) and len(recorded) == len(ours):
            for index, pair in enumerate(zip(recorded, ours, strict=True)):
                yield from self.differences(*pair, f"{path}[{index}]")
        elif recorded != ours or type(recorded) is not type(ours):
            yield f"{path}: recorded {recorded!r}, ours {ours!r}"

    def _alike(self, recorded: str, ours: str) -> bool:
        tokens = CANNOT_BE_EQUAL.findall(recorded)
        known = {token: self.tokens[token] for token in tokens if token in self.tokens}
        if not tokens or len(known) == len(tokens):
            return bool(self.translated(recorded) == ours)
        texts = CANNOT_BE_EQUAL.split(recorded)
        match = re.fullmatch("(.+)".join(map(re.escape, map(self.translated, texts))), ours, re.DOTALL)
        if match is None:
            return False
        return all(self.tokens.setdefault(*pair) == pair[1] for pair in zip(tokens, match.groups(), strict=True))


@dataclass
class Replay:
    """One run of a recording: for each answer, where it was not what the official provider had answered."""

    engine: Engine
    book: Book
    properties: dict[str, set[str]] | None
    """By type token, the properties that the recorded version of the provider has; newer ones are not compared.
    None: the recorded version is the installed one."""
    answers: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    states: dict[str, Json] = field(default_factory=dict)
    inputs: dict[str, Json] = field(default_factory=dict)

    def run(self, entries: list[Json]) -> None:
        """Send every request, in the recorded order, about the things of this run."""
        for entry in entries:
            step, operation, name = entry["step"], entry["op"], entry["name"]
            request = self.book.translated(entry["request"])
            answer = getattr(self, f"_{operation.lower()}")(entry["type"], name, request)
            recorded = _comparable(entry["response"])
            ours = self._of_that_version(entry["type"], _comparable(answer))
            self.answers[step, operation, name] = list(self.book.differences(recorded, ours))

    def _of_that_version(self, token: str, answer: Json) -> Json:
        if self.properties is None:
            return answer
        had = self.properties[token] | {"id", "__defaults"}
        kept = dict(answer)
        for part in ("inputs", "properties"):
            if part in kept:
                kept[part] = {name: value for name, value in kept[part].items() if name in had}
        if "stables" in kept:
            kept["stables"] = [name for name in kept["stables"] if name in had]
        if token in BUILT_DIFFERENTLY:
            kept.pop("hasDetailedDiff", None)
            for part in ("inputs", "properties"):
                if part in kept:
                    kept[part] = {name: value for name, value in kept[part].items() if value not in (None, [])}
        return kept

    def _check(self, token: str, name: str, request: Json) -> Json:
        inputs, failures = self.engine.check(token, request["news"], request["olds"], name)
        return {"inputs": inputs} | ({"failures": failures} if failures else {})

    def _create(self, token: str, name: str, request: Json) -> Json:
        self.inputs[name] = request["properties"]
        self.ids[name], self.states[name] = self.engine.create(token, request["properties"])
        return {"id": self.ids[name], "properties": self.states[name]}

    def _diff(self, token: str, name: str, request: Json) -> Json:
        return self.engine.diff(token, self.ids[name], self.states[name], request["news"])

    def _update(self, token: str, name: str, request: Json) -> Json:
        self.inputs[name] = request["news"]
        self.states[name] = self.engine.update(token, self.ids[name], self.states[name], request["news"])
        return {"properties": self.states[name]}

    def _read(self, token: str, name: str, request: Json) -> Json:
        del request  # ours has our own state
        answer = self.engine.read(token, self.ids[name], self.states[name], self.inputs[name])
        self.states[name], self.inputs[name] = answer["properties"], answer["inputs"]
        return answer


def recorded(file: Path) -> list[Json]:
    """Return the entries of a recording."""
    entries: list[Json] = [json.loads(line) for line in file.read_text().splitlines()]
    return entries


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        if revealed(value) is None:  # the bridge marks some nulls as secret and others not: a null hides nothing
            return None
        return {name: _comparable(item) for name, item in value.items() if name not in INTERNAL}
    return [_comparable(item) for item in value] if isinstance(value, list) else value
