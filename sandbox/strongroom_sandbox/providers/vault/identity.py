"""Identity: entities, groups and their aliases. The server draws the id."""

from dataclasses import dataclass
from typing import Any

from pulumi_vault import identity

from ..frame.errors import StandInError
from ..frame.row import Written, words
from ..frame.values import Properties
from .api import Vault
from .path_row import PathRow


@dataclass(frozen=True, kw_only=True)
class IdentityRow(PathRow):
    """A member of one of the identity store's collections (`path` without `/id/{id}`)."""

    external: tuple[tuple[str, str], ...] = ()
    """Flag and property: while the flag is set, the property belongs to somebody else."""
    members: frozenset[str] = frozenset()
    """Properties that in a group of type `external` are what the logins made them, and so no difference."""

    def location(self, properties: Properties) -> str:
        """Return the path of the member."""
        return f"{self.path}/id/{properties['id']}"

    def parsed(self, identity: str) -> Properties:
        """Return the id: it holds nothing else."""
        return {"id": identity}

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Add a member and learn its id."""
        answer = server.within(inputs.get("namespace")).write(self.path, self.body(inputs))
        if not answer:  # the server merges into an existing member and says nothing
            name = inputs.get("name")
            raise StandInError(f"{self.path} already has {name!r}: import it, or choose another name")
        return Written(str(answer["id"]))

    def body(self, inputs: Properties, state: Properties | None = None) -> dict[str, Any]:
        """Return what is sent, without what belongs to somebody else."""
        return super().body({name: value for name, value in inputs.items() if name not in self._foreign(inputs)}, state)

    def properties(self, data: dict[str, Any], known: Properties) -> Properties:
        """Return what the server tells, without what belongs to somebody else."""
        state = super().properties(data, known)
        state |= {flag: bool(known.get(flag)) for flag, _ in self.external}
        return state | {name: known.get(name) for name in self._foreign(known)}

    def unmanaged(self, inputs: Properties) -> frozenset[str]:
        """Return the members that others keep."""
        return self.members if inputs.get("type") == "external" else self.members & set(self._foreign(inputs))

    def _foreign(self, properties: Properties) -> list[str]:
        return [name for flag, name in self.external if properties.get(flag)]


ROWS = (
    IdentityRow(
        resource=identity.Entity,
        path="identity/entity",
        autonamed=True,
        replaces=words("namespace"),
        flags=words("externalPolicies"),
        external=(("externalPolicies", "policies"),),
        unordered=words("policies"),
    ),
    IdentityRow(
        resource=identity.Group,
        path="identity/group",
        autonamed=True,
        replaces=words("namespace type"),
        computed=words("type"),
        flags=words("externalPolicies externalMemberEntityIds externalMemberGroupIds"),
        external=(
            ("externalPolicies", "policies"),
            ("externalMemberEntityIds", "memberEntityIds"),
            ("externalMemberGroupIds", "memberGroupIds"),
        ),
        members=words("memberEntityIds memberGroupIds"),
        unordered=words("policies memberEntityIds memberGroupIds"),
    ),
    IdentityRow(
        resource=identity.EntityAlias,
        path="identity/entity-alias",
        autonamed=True,
        replaces=words("namespace"),
    ),
    IdentityRow(
        resource=identity.GroupAlias,
        path="identity/group-alias",
        replaces=words("namespace"),
    ),
)
