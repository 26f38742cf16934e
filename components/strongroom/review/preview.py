"""What a preview says about one stack, reduced to what may be published: names and types, never a property's value."""

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError

from strongroom.errors import StrongroomError

Operation = Literal["create", "update", "replace", "delete", "import", "read"]
PREVIEW_FILE: Final = "preview.json"

LOST_WITH: Final = {
    "vault:index/mount:Mount": "all that is stored in it",
    "vault:index/authBackend:AuthBackend": "all roles and logins in it",
    "vault:jwt/authBackend:AuthBackend": "all roles and logins in it",
    "vault:database/secretBackendConnection:SecretBackendConnection": "the password that only the server knows",
    "vault:index/audit:Audit": "the record of what happens from then on",
}
"""What is gone when a thing of this type is deleted or replaced, by Pulumi type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One resource that will not stay as it is."""

    operation: Operation
    type: str
    name: str
    properties: tuple[str, ...] = ()
    """Paths of the properties that differ."""
    forces_replacement: tuple[str, ...] = ()
    """Those of them for which the resource is replaced."""
    protected: bool = False

    @property
    def loses(self) -> str | None:
        """What is lost; None if nothing is."""
        return LOST_WITH.get(self.type) if self.operation in ("replace", "delete") else None

    @property
    def is_loud(self) -> bool:
        """Whether nobody should overlook it."""
        return self.operation in ("replace", "delete")


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """What a policy says."""

    policy: str
    pack: str
    level: str
    """`mandatory` stops the deployment; `advisory` does not."""
    resource: str
    """Its name; empty for the stack as a whole."""
    message: str
    """Empty if it comes from a pack that does not promise to keep values out of its messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The outcome for one stack."""

    stack: str
    dry: bool = False
    """Whether it was compared with nothing, instead of with what is deployed."""
    succeeded: bool
    problems: tuple[str, ...] = ()
    """What `strongroom check` found; then there was no preview."""
    changes: tuple[Change, ...] = ()
    unchanged: int = 0
    policies_ran: bool = False
    violations: tuple[Violation, ...] = ()
    failed: tuple[str, ...] = ()
    """Names of resources (empty: the stack) for which the engine reported an error. Its text may quote a value, so
    it stays in the log."""
    losses: tuple[str, ...] = ()
    """What the guard refuses, as the deployment would: what would be lost, and the command that keeps it."""
    plan_diff: tuple[str, ...] = ()
    """Lines of the difference of the plans, which hold no values by construction."""

    def count(self, operation: Operation) -> int:
        """How many resources."""
        return sum(change.operation == operation for change in self.changes)


class PreviewFileError(StrongroomError):
    """A file is no preview."""


_FORMAT: Final = TypeAdapter(Preview)


def to_json(preview: Preview) -> str:
    """The preview as text, for `from_json`."""
    return _FORMAT.dump_json(preview, indent=2).decode() + "\n"


def from_json(text: str, file: str) -> Preview:
    """Reads what `to_json` wrote, trusting nothing. Raises PreviewFileError, which names `file`."""
    try:
        return _FORMAT.validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise PreviewFileError(f"{file} is no preview: {where or 'the file'}: {first['msg']}") from None
