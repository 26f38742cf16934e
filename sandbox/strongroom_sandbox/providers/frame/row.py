"""A row of a stand-in's table: the facts about one resource type and its four operations on the server."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar, cast

from .inputs import Input, args_of, inputs_of, outputs_of
from .values import Properties

Server = TypeVar("Server")
Equality = Callable[[Any, Any], bool]
Rule = Callable[[Properties], "tuple[str, str] | None"]
"""Looks at known inputs; returns the offending input and the reason with its remedy, or None."""


class Written(NamedTuple):
    """What a create came to: the id, and what the server told this once and will not tell a reader."""

    identity: str
    told_once: Properties = {}  # noqa: RUF012  never changed


class Answer(NamedTuple):
    """What a function comes to, and which of it is secret."""

    properties: Properties
    secret: frozenset[str] = frozenset()


Function = Callable[[Server, Properties], Answer]
"""A function of a provider: asks the server something with the arguments, and changes nothing."""


def words(names: str) -> frozenset[str]:
    """Return the names in a text, so that a row reads like a table."""
    return frozenset(names.split())


@dataclass(frozen=True, kw_only=True)
class Row(ABC, Generic[Server]):
    """The facts about one resource type that the official provider knows and the SDK does not tell.

    Nested inputs are named with dots: `postgresql.password`.
    """

    resource: type
    """The SDK's class. Type token, input names, types and requiredness come from it."""
    replaces: frozenset[str] = frozenset()
    """Inputs whose change replaces the resource."""
    steady: frozenset[str] = frozenset()
    """Outputs that nothing but a replacement changes."""
    secret: frozenset[str] = frozenset()
    """Properties that come back as Pulumi secrets."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Inputs that the official provider fills in before the engine compares anything."""
    computed: frozenset[str] = frozenset()
    """Inputs that the server fills when they are left out: what it says is then no difference."""
    unordered: frozenset[str] = frozenset()
    """Lists whose order means nothing."""
    same: Mapping[str, Equality] = field(default_factory=dict)
    """When two values of an input mean the same, where that is more than being equal."""
    autonamed: bool = False
    """Whether a left-out `name` is made from the resource's name and a random suffix."""
    ephemeral: frozenset[str] = frozenset()
    """Inputs that are handed on and forgotten (`passwordWo`): never compared, null in the state."""
    replaces_if: Mapping[str, str] = field(default_factory=dict)
    """Inputs whose change replaces the resource only if another input is true."""
    rules: tuple[Rule, ...] = ()
    """What types alone cannot say about the inputs."""

    @property
    def token(self) -> str:
        """Pulumi's type token, such as `vault:index/mount:Mount`."""
        return cast("str", getattr(self.resource, "pulumi_type"))  # noqa: B009  mypy knows no such attribute

    @cached_property
    def inputs(self) -> Mapping[str, Input]:
        """Every input of the type."""
        return inputs_of(args_of(self.resource))

    @cached_property
    def outputs(self) -> frozenset[str]:
        """Every property of the type after a deployment."""
        return outputs_of(self.resource)

    def identity_before(self, inputs: Properties) -> str | None:  # noqa: ARG002  most need no answer
        """Return the id that a create will give, where creating the same thing twice fails; else None."""
        return None

    def completed(self, inputs: Properties, server: Server | None) -> Properties:  # noqa: ARG002  most are complete
        """Return checked inputs with what the official provider adds to them from its configuration or from a file.

        `server` is None where the provider's configuration is not known yet.
        """
        return inputs

    def unmanaged(self, inputs: Properties) -> frozenset[str]:  # noqa: ARG002  most manage all of theirs
        """Return the properties that by these inputs are somebody else's: whatever they are is no difference."""
        return frozenset()

    @abstractmethod
    def create(self, server: Server, inputs: Properties) -> Written:
        """Make it on the server."""

    @abstractmethod
    def read(self, server: Server, identity: str, known: Properties) -> Properties | None:
        """Return what the server says, or None if it has no such thing.

        `known` is what was known before: the inputs (and what was told once) after a write, the state at a refresh,
        nothing at an import.
        Only what no server reveals (a password) or keeps (a flag of the operation) may be taken from it.
        """

    @abstractmethod
    def update(self, server: Server, identity: str, state: Properties, inputs: Properties) -> Properties | None:
        """Make the server's thing match the inputs. Return what the server told this once, if anything."""

    @abstractmethod
    def delete(self, server: Server, identity: str, state: Properties) -> None:
        """Remove it from the server; that it is gone already is no error."""
