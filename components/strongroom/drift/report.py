"""What was found, for people and for programs. No value of a property is ever in it."""

import json
from dataclasses import asdict, dataclass
from typing import Final

CHANGED: Final = "changed"
GONE: Final = "gone"
ADDED: Final = "added"


@dataclass(frozen=True, order=True)
class Drift:
    """One thing that is not as it is declared."""

    path: str
    """On the server, as the audit log has it."""
    change: str
    """`changed`, `gone`, or `added`: there, and nowhere declared."""
    resource: str = ""
    """The engine's name of it; empty: the engine does not know it."""
    properties: tuple[str, ...] = ()
    """What is different. Names only."""


@dataclass(frozen=True)
class Report:
    """All that was found."""

    drift: tuple[Drift, ...]
    unchecked: tuple[str, ...]
    """Places where the token may not look."""
    audit: tuple[str, ...]
    """Where the server records who did what."""

    @property
    def clean(self) -> bool:
        return not self.drift and not self.unchecked

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"

    def lines(self, stack: str) -> list[str]:
        """For people."""
        if self.clean:
            return ["Everything is as declared, and nothing else is there."]
        lines = [_line(item) for item in self.drift]
        lines += [
            f"unchecked  {place}: the token may not look there; give it `list` and `read`" for place in self.unchecked
        ]
        changes = {item.change for item in self.drift}
        lines.append("")
        if changes & {CHANGED, GONE}:
            lines.append(f"`pulumi up --refresh --stack {stack}` makes what was changed or is gone as declared again.")
        if ADDED in changes:
            lines.append(
                "What was added is not touched by `up`: declare it (`strongroom adopt` shows how), delete it on the "
                "server, or name it under `vault.adopted.left`."
            )
        if self.drift:
            where = "; ".join(self.audit) or "none that this token can see: docs/drift.md"
            lines.append(
                f"Who it was: in the server's audit log, the requests whose request.path is one of the paths above and "
                f"whose request.operation is create, update or delete; auth.display_name and auth.entity_id name them. "
                f"Audit devices: {where}."
            )
        return lines


def _line(item: Drift) -> str:
    text = f"{item.change:9}  {item.path}"
    if item.properties:
        text += f": {', '.join(item.properties)}"
    return text + (f"  ({item.resource})" if item.resource else "")
