"""What two servers answered that had been configured by hand (tests/support/by_hand.py)."""

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from strongroom.adopt import write
from strongroom.adopt.found import Found
from strongroom.project import Project
from strongroom.vault.profile import Flavour, Profile
from strongroom.vault.refusals import ServerError

VERSIONS: Final[dict[Flavour, str]] = {"openbao": "2.7.2", "vault": "1.21.0"}
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


def project_of(found: Found, flavour: Flavour, folder: Path) -> Project:
    """The project that is written for what was found, with the stack `legacy`."""
    profile = Profile(flavour, VERSIONS[flavour])
    files = {
        "Pulumi.legacy.yaml": write.stack_text("legacy", "https://vault.example:8200", None),
        "environments/legacy.yaml": write.environment_text("legacy", profile, found),
        **{
            f"catalog/{team}.yaml": write.catalog_text(team, "legacy", secrets)
            for team, secrets in found.secrets.items()
        },
    }
    for file, text in files.items():
        (folder / "stacks" / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / "stacks" / file).write_text(text, "utf-8")
    return Project.read(folder)
