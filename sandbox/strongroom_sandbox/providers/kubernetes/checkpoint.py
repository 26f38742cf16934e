"""What the state holds of an object: it as it is on the server, and what the program said, as the official provider
writes it, so that a state means the same to both."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pulumi.provider.experimental.property_value import PropertyValue

from ..frame.values import Properties, secret_paths, whole, wire
from . import objects

_INPUTS: Final = "__inputs"
_FIRST_VERSION: Final = "__initialApiVersion"
_MANAGER: Final = "__fieldManager"
_OWN: Final = frozenset({_INPUTS, _FIRST_VERSION, _MANAGER})
VALUES: Final = frozenset({"data", "stringData"})
"""What of a Secret is secret, whatever the program says."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A state."""

    live: Properties
    inputs: Properties
    manager: str = ""
    """The field manager; empty if the state has none yet."""
    first_version: str = ""
    """The apiVersion that it was made with."""
    secret: frozenset[str] = frozenset()
    """Paths that were secret."""

    @property
    def document(self) -> Properties:
        """What says best which object it is."""
        return self.inputs or self.live

    def of(self, live: Properties) -> "Checkpoint":
        """The same resource, with what it is now."""
        return replace(self, live=live)


def parsed(state: Mapping[str, PropertyValue]) -> Checkpoint:
    """Return what a state holds; an empty one is that of an import."""
    live = {name: value for name, value in state.items() if name not in _OWN}
    said = whole({name: value for name, value in state.items() if name in _OWN})
    return Checkpoint(
        live=objects.to_api(whole(live)),
        inputs=objects.to_api(said.get(_INPUTS) or {}),
        manager=str(said.get(_MANAGER) or ""),
        first_version=str(said.get(_FIRST_VERSION) or ""),
        secret=frozenset(secret_paths(live)),
    )


def written(checkpoint: Checkpoint) -> dict[str, PropertyValue]:
    """Return the state, in which what was a secret input is a secret output, and what a Secret holds always."""
    live, secret = checkpoint.live, secret_in(checkpoint.live, checkpoint.secret)
    if objects.is_secret(live):
        live = _without_last_applied(live)
    return {
        **wire(objects.from_api(live), secret),
        _INPUTS: PropertyValue(wire(objects.from_api(checkpoint.inputs), secret)),
        _FIRST_VERSION: PropertyValue(checkpoint.first_version or live.get("apiVersion", "")),
        _MANAGER: PropertyValue(checkpoint.manager),
    }


def secret_in(document: Properties, secret: Collection[str]) -> frozenset[str]:
    """Return the paths of a document that are secret."""
    return frozenset(secret) | (VALUES if document.get("kind") == "Secret" else frozenset())


def _without_last_applied(live: Properties) -> Properties:
    annotations = objects.metadata(live).get("annotations")
    if not annotations or objects.LAST_APPLIED not in annotations:
        return live
    rest = {key: text for key, text in annotations.items() if key != objects.LAST_APPLIED}
    return objects.with_metadata(live, annotations=rest)
