"""The usual kind of row: one resource is one message of an API, kept under its full name."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..frame.errors import StandInError
from ..frame.file_store import Document, Resources
from ..frame.row import Row, Written
from ..frame.values import DEFAULTS, Properties
from .cloud import POLICY, Cloud, CloudError, must_be_there, timestamp, with_project
from .discovery import api

ApiRule = Callable[[Cloud, Resources, Document, Document | None], None]
"""What only Google's pages tell: looks at everything there is, the new body (with `name`) and the one before; raises
CloudError."""
LABELS: Final = frozenset({"labels", "effectiveLabels", "pulumiLabels"})


@dataclass(frozen=True, kw_only=True)
class ResourceRow(Row[Cloud]):
    """A resource of one message. Google's names of fields are Pulumi's, unless the row says otherwise."""

    api: str
    """The API: `pubsub.v1`."""
    schema: str
    """The message: `Topic`."""
    name: str
    """The full name, with inputs in braces: `projects/{project}/topics/{name}`. It is the id, too."""
    named: bool = False
    """Whether the message itself holds the name in a request."""
    unsent: frozenset[str] = frozenset()
    """Inputs that are parameters of the address, or steer the provider."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Google's name of a field where it is not Pulumi's; nested ones with dots."""
    write_only: frozenset[str] = frozenset()
    """Fields that Google takes and does not tell."""
    within: str = ""
    """The resource that it is in, in the form of `name`: it has to be there. Empty: the project."""
    api_rules: tuple[ApiRule, ...] = ()
    created: bool = True
    """Whether the message says when it was made."""
    forever: bool = False
    """Whether nothing can delete it: the provider only forgets it."""

    def identity(self, server: Cloud, inputs: Properties) -> str:
        """The full name, with the provider's project where none is given."""
        project = inputs.get("project") or server.project
        if "{project}" in self.name and not project:
            raise StandInError(f"{self.token} needs a project: set it, or the provider's")
        last = re.findall(r"{(\w+)}", self.name)[-1]
        if "/" in str(inputs[last]):
            raise CloudError("INVALID_ARGUMENT", f"{self.schema} {inputs[last]}", f"{last} has a slash")
        return self.name.format_map({**inputs, "project": project})

    def completed(self, inputs: Properties, server: Cloud | None) -> Properties:
        """Fill in the provider's project, as the official provider does."""
        return with_project(inputs, server) if "project" in self.inputs else inputs

    def create(self, server: Cloud, inputs: Properties) -> Written:
        """Keep a new resource."""
        identity = self.identity(server, inputs)
        with server.store.changing() as resources:
            self._parents(server, resources, identity, inputs)
            if identity in resources:
                raise CloudError(
                    "ALREADY_EXISTS",
                    f"{self.schema} {identity}",
                    "there is one already; import it, or name another one",
                )
            body = self._checked(server, resources, identity, self.body(inputs), None)
            resources[identity] = self.kept(server, body, None) | (
                {"createTime": timestamp(server.now())} if self.created else {}
            )
        return Written(identity)

    def read(self, server: Cloud, identity: str, known: Properties) -> Properties | None:
        """Return what is kept, with what the provider itself adds."""
        found = server.store.read(identity)
        if found is None:
            return None
        state: Properties = dict.fromkeys(self.outputs)
        state |= {name: known.get(name) for name in self.unsent & self.inputs.keys()}
        state |= self._from_name(identity)
        state |= {name: value for name, value in self.properties(found).items() if name in self.outputs}
        if "effectiveLabels" in self.outputs:
            labels = found.get("labels", {})
            # The provider manages the labels it was given only, and tells all there are beside.
            given = known.get("labels") or {}
            state |= {
                "labels": {key: labels[key] for key in given if key in labels} if known else labels,
                "pulumiLabels": labels,
                "effectiveLabels": labels,
            }
        return state | self.told(server, identity, found, known)

    def update(self, server: Cloud, identity: str, state: Properties, inputs: Properties) -> Properties | None:
        """Change what is kept."""
        del state
        with server.store.changing() as resources:
            before = must_be_there(resources, identity, f"{self.schema} {identity}")
            body = self._checked(server, resources, identity, self.body(inputs), before)
            times = {name: before[name] for name in ("createTime",) if name in before}
            resources[identity] = self.kept(server, body, before) | times
        return None

    def delete(self, server: Cloud, identity: str, state: Properties) -> None:
        """Drop it, and what hangs on it."""
        del state
        if self.forever:
            return
        with server.store.changing() as resources:
            resources.pop(identity, None)
            resources.pop(f"{identity}{POLICY}", None)

    def body(self, inputs: Properties) -> Document:
        """The message of a request."""
        sent = {name: value for name, value in inputs.items() if name != DEFAULTS and name not in self.unsent}
        return {self.keys.get(name, name): _without_defaults(value) for name, value in sent.items()}

    def properties(self, kept: Document) -> Properties:
        """The properties of what is kept; the opposite of `body`."""
        names = {key: name for name, key in self.keys.items()}
        return {names.get(key, key): value for key, value in kept.items() if key not in self.write_only}

    def kept(self, server: Cloud, body: Document, before: Document | None) -> Document:  # noqa: ARG002  some need it
        """What Google keeps of a request, and adds to it."""
        return {key: value for key, value in body.items() if key not in self.write_only}

    def told(self, server: Cloud, identity: str, kept: Document, known: Properties) -> Properties:  # noqa: ARG002
        """Further properties that the provider tells."""
        return {}

    def _checked(
        self, server: Cloud, resources: Resources, identity: str, body: Document, before: Document | None
    ) -> Document:
        named = {**body, "name": identity}
        if found := api(self.api).flaws(self.schema, named if self.named else body):
            raise CloudError("INVALID_ARGUMENT", f"{self.schema} {identity}", "; ".join(found))
        for rule in self.api_rules:
            rule(server, resources, named, before)
        return body

    def _parents(self, server: Cloud, resources: Resources, identity: str, inputs: Properties) -> None:
        if identity.startswith("projects/"):
            server.number(identity.split("/")[1])
        if self.within:
            project = inputs.get("project") or server.project
            parent = self.within.format_map({**inputs, "project": project})
            must_be_there(resources, parent, f"{self.schema} {identity}")

    def _from_name(self, identity: str) -> Properties:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(self.name))
        match = re.fullmatch(pattern, identity)
        if match is None:
            raise StandInError(f"{identity!r} is no id of {self.token}: its form is {self.name!r}")
        return {name: value for name, value in match.groupdict().items() if name in self.outputs}


def _without_defaults(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_defaults(item) for key, item in value.items() if key != DEFAULTS and item is not None}
    if isinstance(value, list):
        return [_without_defaults(item) for item in value]
    return value
