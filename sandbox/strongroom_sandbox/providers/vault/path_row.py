"""The usual kind of row: one resource is one path, written with POST, read with GET, removed with DELETE."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..frame.errors import StandInError
from ..frame.row import Row, Written
from ..frame.values import Properties
from .api import Vault
from .conversions import Conversion, fitted, snake


@dataclass(frozen=True, kw_only=True)
class PathRow(Row[Vault]):
    """A resource whose path is its id. Properties go by the snake_case of their name unless the row says otherwise."""

    path: str
    """The API's path, with inputs in braces: `auth/{backend}/role/{roleName}`."""
    id: str = ""
    """Pulumi's id in the same form; empty: it is the path."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The server's name of a property where it is not the snake_case of Pulumi's."""
    convert: Mapping[str, Conversion] = field(default_factory=dict)
    """Properties whose values look different on the server."""
    write_only: frozenset[str] = frozenset()
    """Sent, but never revealed by the server: the state holds what was sent last."""
    flags: frozenset[str] = frozenset()
    """Inputs that steer the provider and are no business of the server."""
    unsaid: frozenset[str] = frozenset()
    """Lists and maps that are null where the server has nothing in them; elsewhere that means empty."""
    zeroed: frozenset[str] = frozenset()
    """Single values that are the zero of their type where the server does not mention them; elsewhere null."""
    missing: str = ""
    """What the server says (a regular expression) of something missing where it does not answer with 404."""
    deletable: bool = True
    """Whether the server can delete the path; if not, it goes with its mount."""

    @cached_property
    def in_path(self) -> tuple[str, ...]:
        """The inputs that make up the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @cached_property
    def _not_sent(self) -> frozenset[str]:
        versions = {f"{name}Version" for name in self.ephemeral}
        return frozenset(self.in_path) | self.flags | versions | {"namespace"}

    def location(self, properties: Properties) -> str:
        """Return the API's path."""
        return filled(self.path, properties)

    def identity(self, inputs: Properties) -> str:
        """Return Pulumi's id."""
        return filled(self.id or self.path, inputs)

    def parsed(self, identity: str) -> Properties:
        """Return the inputs that an id holds.

        Raises:
            StandInError: the id is not of this type's form.
        """
        form = self.id or self.path
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(form))
        match = re.fullmatch(pattern, identity)
        if match is None:
            raise StandInError(f"{identity!r} is no id of {self.token}: its form is {form!r}")
        return dict(match.groupdict())

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Write the path."""
        server.within(inputs.get("namespace")).write(self.location(inputs), self.body(inputs))
        return Written(self.identity(inputs))

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Read the path."""
        placed = {name: known.get(name, value) for name, value in self.parsed(identity).items()}
        data = server.within(known.get("namespace")).read(self.location(placed), self.missing)
        return None if data is None else {**self.properties(data, known), **placed}

    def update(self, server: Vault, identity: str, state: Properties, inputs: Properties) -> None:
        """Write the path again, with zero values for what was set and no longer is."""
        server.within(inputs.get("namespace")).write(
            self.location(self.parsed(identity) | inputs), self.body(inputs, state)
        )

    def delete(self, server: Vault, identity: str, state: Properties) -> None:
        """Delete the path."""
        if self.deletable:
            placed = self.parsed(identity) | state
            server.within(state.get("namespace")).delete(self.location(placed), self.missing)

    def body(self, inputs: Properties, state: Properties | None = None) -> dict[str, Any]:
        """Return what is sent. On an update a write-only value is sent again only if it or its version changed."""
        before = state or {}
        sent: dict[str, Any] = {}
        for name, wanted in self.inputs.items():
            value, was = inputs.get(name), before.get(name)
            if name in self._not_sent or (state is not None and self._unchanged_secret(name, inputs, state)):
                continue
            if value is None and (was is None or was == wanted.shape.zero or name in self.computed):
                continue
            if value is None:
                value = wanted.shape.zero
            sent[self.key(name)] = self.convert[name].to_server(value) if name in self.convert else value
        return sent

    def _unchanged_secret(self, name: str, inputs: Properties, state: Properties) -> bool:
        if name in self.ephemeral:
            return bool(inputs.get(f"{name}Version") == state.get(f"{name}Version"))
        return name in self.write_only and inputs.get(name) == state.get(name)

    def properties(self, data: dict[str, Any], known: Properties) -> Properties:
        """Return the properties that the server's answer tells, and from `known` those it does not."""
        told: Properties = {}
        for name in self.outputs | {"namespace"}:
            if name in self.ephemeral:
                told[name] = None
            elif name in self._not_sent or name in self.write_only:
                told[name] = known.get(name)
            elif name in self.unsaid and not data.get(self.key(name)):
                told[name] = None
            elif name in self.zeroed and data.get(self.key(name)) is None:
                told[name] = self.inputs[name].shape.zero
            elif self.key(name) in data or name in self.inputs:
                told[name] = self._understood(name, data.get(self.key(name)))
        return told

    def key(self, name: str) -> str:
        """Return the server's name of a property."""
        return self.keys.get(name) or snake(name.removesuffix("Wo") if name in self.ephemeral else name)

    def _understood(self, name: str, value: Any) -> Any:
        if name in self.convert and value is not None:
            value = self.convert[name].from_server(value)
        return fitted(value, self.inputs[name].shape) if name in self.inputs else value


def filled(form: str, properties: Properties) -> str:
    """Return a path with properties in the place of their names in braces."""
    return re.sub(r"{(\w+)}", lambda match: str(properties[match[1]]).strip("/"), form)
