"""What two servers answered that had been configured by hand (tests/support/by_hand.py)."""

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from strongroom.vault.profile import Flavour
from strongroom.vault.refusals import ServerError

DATA = Path(__file__).parents[1] / "adopt" / "data"


@dataclass
class Answers:
    """A server that answers as one once did."""

    reads: dict[str, Any]
    lists: dict[str, list[str]]
    denied: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def read(self, path: str) -> dict[str, Any] | None:
        self._ask(path)
        return copy.deepcopy(self.reads.get(path))

    def list(self, path: str) -> list[str]:
        self._ask(path)
        return list(self.lists.get(path, ()))

    def _ask(self, path: str) -> None:
        self.asked.append(path)
        if path in self.denied:
            raise ServerError(f"{path}: permission denied", 403)


def answers_of(flavour: Flavour) -> Answers:
    file = {"openbao": "openbao-2.7.2.json", "vault": "vault-1.21.0.json"}[flavour]
    recorded = json.loads((DATA / file).read_text("utf-8"))
    return Answers(recorded["read"], recorded["list"])
