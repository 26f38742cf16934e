"""The one kind of row: a resource that is put at its id, with a body that the vendor's model describes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from ..frame.errors import StandInError
from ..frame.file_store import Document, Resources
from ..frame.inputs import Shape
from ..frame.row import Row, Written
from ..frame.values import Properties
from .arm import Arm, refused, system_data
from .models import Node, described, flaws
from .shape import flattened, nested


@dataclass(frozen=True)
class Put:
    """A resource that is about to be put."""

    server: Arm
    resources: Resources
    """All there are."""
    identity: str
    body: Document
    before: Document | None
    """What is there already."""


class Names(NamedTuple):
    """What a resource may be called, and the page that says so."""

    pattern: str
    page: str = "Naming rules and restrictions for Azure resources"


@dataclass(frozen=True, kw_only=True)
class ArmRow(Row[Arm]):
    """A resource of Azure Resource Manager."""

    path: str
    """Its id, with inputs in braces: `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/…`."""
    kind: str
    """Azure's own name of the type."""
    model: type | None
    """The vendor's model of what is sent; None: no package that is installed has one."""
    names: Names
    name: str
    """The input that is its own name."""
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Values of inputs that the model has as any text, and the API description as an enumeration."""

    @cached_property
    def in_path(self) -> tuple[str, ...]:
        """The inputs that make up the id."""
        return tuple(name for name in re.findall(r"{(\w+)}", self.path) if name != "subscriptionId")

    @cached_property
    def node(self) -> Node:
        """What the model says."""
        return described(self.model) if self.model else Node()

    def identity(self, server: Arm, inputs: Properties) -> str:
        """Return the id."""
        known = {**inputs, "subscriptionId": server.subscription}
        return re.sub(r"{(\w+)}", lambda match: str(known[match[1]]), self.path)

    def body(self, inputs: Properties) -> dict[str, Any]:
        """Return what Azure is sent.

        Raises:
            StandInError: the name, or the vendor's model, does not allow it.
        """
        name = inputs.get(self.name)
        if name is None:
            raise StandInError(f"{self.token} needs {self.name!r}: the stand-in makes no names up")
        if not re.fullmatch(self.names.pattern, str(name)):
            raise refused(
                "InvalidResourceName",
                f"{self.kind} cannot be called {name!r}",
                f"it must match {self.names.pattern} ({self.names.page})",
            )
        given = {key: value for key, value in inputs.items() if key not in self.in_path and not key.startswith("__")}
        for key, allowed in self.values.items():
            if given.get(key) is not None and given[key] not in allowed:
                raise refused(
                    "InvalidRequestContent", f"{key} is {given[key]!r}", f"one of {', '.join(sorted(allowed))}"
                )
        body: dict[str, Any] = nested(self.node, given)
        if found := list(flaws(self.node, body)) if self.model else []:
            raise refused(
                "InvalidRequestContent", "; ".join(what for _, what in found), f"correct the inputs of {self.token}"
            )
        return body

    def create(self, server: Arm, inputs: Properties) -> Written:
        """Put it where nothing is yet."""
        body = self.body(inputs)
        identity = self.identity(server, inputs)
        with server.store.changing() as resources:
            if identity.lower() in resources:
                raise refused("Conflict", f"{identity} exists", "import it (`pulumi import`), or choose another name")
            self.parent_exists(resources, identity)
            self.accept(Put(server, resources, identity, body, None))
            resources[identity.lower()] = self.made(server, identity, body)
        return Written(identity)

    def read(self, server: Arm, identity: str, known: Properties) -> Properties | None:  # noqa: ARG002  all is told
        """Read it."""
        document = server.read(identity)
        if document is None:
            return None
        told = flattened(Shape("object", inputs=self.inputs), {k: v for k, v in document.items() if k != "id"})
        return {**dict.fromkeys(self.outputs), "azureApiVersion": "", **told, **self.parsed(document["id"])}

    def update(self, server: Arm, identity: str, state: Properties, inputs: Properties) -> None:  # noqa: ARG002
        """Put it again."""
        body = self.body(inputs)
        with server.store.changing() as resources:
            before = resources.get(identity.lower())
            if before is None:
                raise refused("ResourceNotFound", f"{identity} is not there", "refresh the stack")
            self.accept(Put(server, resources, identity, body, before))
            resources[identity.lower()] = self.made(server, identity, body)

    def delete(self, server: Arm, identity: str, state: Properties) -> None:  # noqa: ARG002  the id says it all
        """Delete it, with all that is within it."""
        with server.store.changing() as resources:
            if gone := resources.pop(identity.lower(), None):
                for inner in [key for key in resources if key.startswith(f"{identity.lower()}/")]:
                    del resources[inner]
                self.gone(server, resources, gone)

    def parsed(self, identity: str) -> Properties:
        """Return the inputs that an id holds."""
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(self.path))
        match = re.fullmatch(pattern, identity, re.IGNORECASE)
        if match is None:
            raise StandInError(f"{identity!r} is no id of {self.token}: its form is {self.path}")
        return {name: value for name, value in match.groupdict().items() if name != "subscriptionId"}

    def made(self, server: Arm, identity: str, body: dict[str, Any]) -> dict[str, Any]:
        """The resource as it is told from then on."""
        own = {"id": identity, "name": identity.rpartition("/")[2], "type": self.kind, "systemData": system_data()}
        return {**body, **own, **self.told(server, identity, body)}

    def parent_exists(self, resources: dict[str, Any], identity: str) -> None:
        """Refuse what would be within something that is not there."""
        outer = identity.rpartition("/")[0].rpartition("/")[0]
        if self.kind.count("/") > 1 and outer.lower() not in resources:
            raise refused("ParentResourceNotFound", f"{outer} is not there", "deploy what it is within first")

    def accept(self, put: Put) -> None:
        """Refuse what Azure's documentation says is refused."""

    def told(self, server: Arm, identity: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """What Azure adds, or tells in another way than it was sent."""
        return {}

    def gone(self, server: Arm, resources: dict[str, Any], document: dict[str, Any]) -> None:
        """What is left of a deleted resource."""
