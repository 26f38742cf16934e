"""The base of all plan records: what one thing will be, with every name final."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Final

PLATFORM: Final = "platform"
"""The slice of an environment that teams share: mounts, connections, auth methods, audit."""
WHOLE: Final = "all"
"""All slices of an environment in one stack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing of an environment. Frozen, plain, and without any value of a secret."""

    kind: ClassVar[str]
    """What it is, for example `vault.database.role`."""
    slice: str
    """Who applies it: `platform`, or the team it belongs to."""

    @property
    def key(self) -> str:
        """What tells it apart from all others of its kind in the environment."""
        raise NotImplementedError

    def as_json(self) -> dict[str, Any]:
        """Plain data, fields in their order of declaration."""
        return {"kind": self.kind} | {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
