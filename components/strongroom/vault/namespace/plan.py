"""The namespace that an environment makes for itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultNamespace(Record):
    """A namespace. Where an environment has one, all else of it lies within."""

    kind: ClassVar[str] = "vault.namespace"
    parent: str
    name: str
    metadata: tuple[tuple[str, str], ...]
    protect: bool

    @property
    def key(self) -> str:
        return f"{self.parent}/{self.name}"


def plan(scope: Scope) -> Iterator[Record]:
    namespace = scope.environment.vault.namespace if scope.environment.vault else None
    if namespace and namespace.make:
        yield VaultNamespace(
            slice=PLATFORM,
            parent=namespace.parent,
            name=namespace.name,
            metadata=tuple(sorted(namespace.metadata.items())),
            protect=scope.environment.protect,
        )
