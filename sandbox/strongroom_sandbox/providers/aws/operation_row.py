"""The usual kind of row: one operation makes a thing, some tell of it, some change a part of it, one removes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from ..frame import inputs as wanted
from ..frame.diff import equal
from ..frame.errors import StandInError
from ..frame.row import Row, Written
from ..frame.values import DEFAULTS, Properties
from . import shapes
from .api import Aws, AwsError

_SUFFIX_LENGTH: Final = 7


@dataclass(frozen=True)
class Call:
    """One operation. It is sent every property that it takes by the service's own description."""

    operation: str
    part: str = ""
    """Where in its answer that lies what is asked about."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Parameters that are always the same."""


@dataclass(frozen=True, kw_only=True)
class OperationRow(Row[Aws]):
    """A resource type of one service."""

    service: str
    """The service, as botocore names it."""
    id: str
    """Pulumi's id, with properties in braces: `{arn}`, `{role}:{name}`."""
    makes: Call
    tells: tuple[Call, ...]
    """The first decides whether the thing exists; the others add to it, or have nothing to say."""
    changes: tuple[Call, ...] = ()
    """Each is called if a property that it takes has changed; after the making too, for what that did not take."""
    removes: tuple[Call, ...] = ()
    tagging: tuple[str, str] = ("tag_resource", "untag_resource")
    """The operations that put tags on and take them off."""
    names: shapes.Names = field(default_factory=dict)
    """The API's names of a property where they differ in more than case."""
    exists: str = ""
    """The property without which there is no such thing, where the first answer alone does not decide that."""
    kept: frozenset[str] = frozenset()
    """What no answer tells: flags of the operations. The state holds what was given last."""
    forgotten: frozenset[str] = frozenset()
    """What AWS tells and moto does not keep. The state holds what was given last."""

    @cached_property
    def in_id(self) -> tuple[str, ...]:
        """The properties that make up the id."""
        return tuple(re.findall(r"{(\w+)}", self.id))

    def parsed(self, identity: str) -> Properties:
        """Return the properties that an id holds.

        Raises:
            StandInError: the id is not of this type's form.
        """
        first, last = r"(?P<\1>.+?)", r"(?P<\1>.+)"
        pattern = re.escape(self.id)
        pattern = re.sub(r"\\{(\w+)\\}", first, pattern, count=len(self.in_id) - 1) if len(self.in_id) > 1 else pattern
        match = re.fullmatch(re.sub(r"\\{(\w+)\\}", last, pattern), identity)
        if match is None:
            raise StandInError(f"{identity!r} is no id of {self.token}: its form is {self.id!r}")
        return dict(match.groupdict())

    def identity(self, properties: Properties) -> str:
        """Return Pulumi's id."""
        return re.sub(r"{(\w+)}", lambda match: str(properties[match[1]]), self.id)

    def completed(self, inputs: Properties, server: Aws | None) -> Properties:
        """Add the provider's default tags, and the prefix to a name that was made up."""
        if "namePrefix" in inputs and "name" in inputs.get(DEFAULTS, ()):
            inputs = {**inputs, "name": f"{inputs['namePrefix']}{inputs['name'][-_SUFFIX_LENGTH:]}"}
        default = server.default_tags if server else None
        given = inputs.get("tags") or {}
        if default and "tags" in self.inputs and isinstance(given, dict):
            inputs = {**inputs, "tags": {**default, **given}}
        return inputs

    # Row

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Make it, then say what the making operation does not take."""
        here = self.at(server, inputs)
        answer = self.ask(here, self.makes, inputs)
        known = inputs | self.understood(answer)
        identity = self.identity(known)
        taken = self.taken(here, self.makes)
        known |= self.parsed(identity)
        for call in self.changes:
            missed = {name for name in self.taken(here, call) - taken - set(self.in_id) if name in inputs}
            if any(not self._is_as_made(name, inputs) for name in missed):
                self.ask(here, call, known)
        return Written(identity, {name: known[name] for name in self.in_id})

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Ask all that tell of it."""
        here = self.at(server, known)
        about = known | self.parsed(identity)
        state: Properties = {}
        for position, call in enumerate(self.tells):
            answer = self._found(here, call, about | state)
            if answer is None and not position:
                return None
            state |= self.understood(answer or {})
        if self.exists and not state.get(self.exists):
            return None
        return self.settled(here, state | self.parsed(identity), known)

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Call every operation that takes something which has changed."""
        here = self.at(server, state)
        placed = self.parsed(identity)
        for call in self.changes:
            taken = self.taken(here, call) - placed.keys()
            if any(self._changed(name, state, inputs) for name in taken):
                zeros = {
                    name: self.inputs[name].shape.zero
                    for name in taken
                    if name not in inputs and state.get(name) and name not in self.computed
                }
                self.ask(here, call, self._addressed(state) | inputs | zeros | placed)
        self.retag(here, state | placed, inputs)

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Remove it; that it is gone already is no error."""
        here = self.at(server, state)
        for call in self.removes:
            self._found(here, call, state | self.parsed(identity))

    # Parts, for rows that differ in one of them.

    def at(self, server: Aws, properties: Properties) -> Aws:
        """Return AWS in the region that the resource lies in."""
        return server.within(properties.get("region"))

    def taken(self, server: Aws, call: Call) -> frozenset[str]:
        """Return the properties that an operation takes."""
        shape = server.takes(self.service, call.operation)
        every = (self.inputs.keys() | self.outputs) - {"region"}
        return frozenset(name for name in every if shapes.member_of(shape, name, self.names))

    def ask(self, server: Aws, call: Call, properties: Properties) -> dict[str, Any]:
        """Call an operation with what it takes of the properties; return the part of its answer that matters."""
        parameters = self.parameters(server, call, properties)
        answer: Any = server.call(self.service, call.operation, **parameters | dict(call.fixed))
        for step in filter(None, call.part.split(".")):
            answer = (answer[int(step)] if step.isdecimal() else answer.get(step)) or {}
        return answer if isinstance(answer, dict) else {}

    def parameters(self, server: Aws, call: Call, properties: Properties) -> dict[str, Any]:
        """Return what an operation is sent."""
        shape = server.takes(self.service, call.operation)
        parameters: dict[str, Any] = {}
        for name in self.taken(server, call):
            if (value := properties.get(name)) is not None:
                member = shapes.member_of(shape, name, self.names) or ""
                parameters[member] = shapes.sent(value, shape.members[member], name, self.names)
        return parameters

    def understood(self, answer: Mapping[str, Any]) -> Properties:
        """Return the properties that an answer tells."""
        found: Properties = {}
        for name in self.outputs:
            if name in self.inputs:
                value = shapes.told(answer, name, self.inputs[name].shape, self.names)
            else:
                value = shapes.told(answer, name, _AS_IT_IS, self.names)
            if value is not None:
                found[name] = value
        return found

    def settled(self, server: Aws, state: Properties, known: Properties) -> Properties:
        """Return the state, with what no answer tells taken from what was known."""
        lost = self.kept | {name for name in self.forgotten if known.get(name) is not None}
        state = {name: state.get(name) for name in self.outputs} | {name: known.get(name) for name in lost}
        if "tags" in self.inputs:
            state |= {"tags": state.get("tags") or {}, "tagsAll": state.get("tags") or {}}
        return state | ({"region": server.region} if "region" in self.inputs else {})

    def retag(self, server: Aws, state: Properties, inputs: Properties) -> None:
        """Put on the tags that are new or others, and take off those that are gone."""
        if "tags" not in self.inputs:
            return
        before, after = state.get("tags") or {}, inputs.get("tags") or {}
        put, off = self.tagging
        if gone := sorted(before.keys() - after.keys()):
            keys = next(m for m in server.takes(self.service, off).members if m.lower() in ("tagkeys", "tagslist"))
            address = self._address(server, off, state)
            server.call(self.service, off, **address, **{keys: gone})
        if new := {name: text for name, text in after.items() if before.get(name) != text}:
            shape = server.takes(self.service, put)
            member = next(m for m in shape.members if m.lower() in ("tags", "tagslist"))
            sent = shapes.sent(new, shape.members[member], "tags", self.names)
            server.call(self.service, put, **self._address(server, put, state), **{member: sent})

    def _address(self, server: Aws, operation: str, state: Properties) -> dict[str, Any]:
        shape = server.takes(self.service, operation)
        found = {shapes.member_of(shape, name, self.names): value for name, value in self._addressed(state).items()}
        return {name: value for name, value in found.items() if name and name in shape.required_members}

    def _addressed(self, state: Properties) -> Properties:
        """What may be part of an address: outputs, and whatever makes up the id."""
        return {
            name: value
            for name, value in state.items()
            if value is not None and (name not in self.inputs or name in self.in_id)
        }

    def _found(self, server: Aws, call: Call, properties: Properties) -> dict[str, Any] | None:
        try:
            return self.ask(server, call, properties)
        except AwsError as error:
            if error.is_missing:
                return None
            raise

    def _changed(self, name: str, state: Properties, inputs: Properties) -> bool:
        if name not in self.inputs or name == "tags":
            return False
        return not equal(self, state.get(name), inputs.get(name), name)

    def _is_as_made(self, name: str, inputs: Properties) -> bool:
        """Whether a new thing is like that anyway."""
        return name not in self.inputs or inputs[name] in (None, self.inputs[name].shape.zero)


_AS_IT_IS: Final = wanted.Shape("anything")


def calls(*operations: str) -> tuple[Call, ...]:
    """Return calls by their text: `OPERATION` or `OPERATION PART`."""
    return tuple(Call(operation, part) for operation, _, part in (text.partition(" ") for text in operations))
