"""What several stacks may each add their part of to an entity or group: policies and members."""

from dataclasses import dataclass
from typing import Any

from pulumi_vault import identity

from ..frame.errors import StandInError
from ..frame.row import Row, Written, words
from ..frame.values import Properties
from .api import Vault
from .conversions import snake


@dataclass(frozen=True, kw_only=True)
class ShareRow(Row[Vault]):
    """A list of an entity or group: all of it where `exclusive`, which is the default, else one's own part."""

    owner: str
    """The input with the id of the entity or group."""
    collection: str
    """Where those are."""
    items: str
    """The input with the list."""
    named: str = ""
    """The output with the owner's name."""

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Set the list, or add to it."""
        self._write(server, inputs, [], inputs.get(self.items) or [])
        return Written(str(inputs[self.owner]))

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Read the list, or what is left of one's own part."""
        data = self._owner(server, identity, known)
        if data is None:
            return None
        exclusive, there = known.get("exclusive", True), data.get(self._key) or []
        own = there if exclusive else [item for item in known.get(self.items) or [] if item in there]
        name = {self.named: data.get("name")} if self.named else {}
        return {
            self.owner: identity,
            self.items: own,
            "exclusive": exclusive,
            "namespace": known.get("namespace"),
            **name,
        }

    def update(self, server: Vault, identity: str, state: Properties, inputs: Properties) -> None:  # noqa: ARG002
        """Set the list, or exchange one's own part."""
        self._write(server, inputs, state.get(self.items) or [], inputs.get(self.items) or [])

    def delete(self, server: Vault, identity: str, state: Properties) -> None:
        """Empty the list, or take one's own part out."""
        if self._owner(server, identity, state) is not None:
            self._write(server, {**state, self.owner: identity}, state.get(self.items) or [], [])

    @property
    def _key(self) -> str:
        return snake(self.items)

    def _owner(self, server: Vault, identity: str, known: Properties) -> dict[str, Any] | None:
        return server.within(known.get("namespace")).read(f"{self.collection}/id/{identity}")

    def _write(self, server: Vault, inputs: Properties, before: list[str], after: list[str]) -> None:
        identity = str(inputs[self.owner])
        if not inputs.get("exclusive", True):
            data = self._owner(server, identity, inputs)
            if data is None:
                raise StandInError(f"there is no {self.collection}/id/{identity}: make it first")
            others = [item for item in data.get(self._key) or [] if item not in before]
            after = [*others, *(item for item in after if item not in others)]
        server.within(inputs.get("namespace")).write(f"{self.collection}/id/{identity}", {self._key: after})


ROWS = (
    ShareRow(
        resource=identity.EntityPolicies,
        owner="entityId",
        collection="identity/entity",
        items="policies",
        named="entityName",
        replaces=words("namespace"),
        defaults={"exclusive": True},
        unordered=words("policies"),
    ),
    ShareRow(
        resource=identity.GroupPolicies,
        owner="groupId",
        collection="identity/group",
        items="policies",
        named="groupName",
        replaces=words("namespace"),
        defaults={"exclusive": True},
        unordered=words("policies"),
    ),
    ShareRow(
        resource=identity.GroupMemberEntityIds,
        owner="groupId",
        collection="identity/group",
        items="memberEntityIds",
        replaces=words("groupId namespace"),
        defaults={"exclusive": True},
        unordered=words("memberEntityIds"),
    ),
    ShareRow(
        resource=identity.GroupMemberGroupIds,
        owner="groupId",
        collection="identity/group",
        items="memberGroupIds",
        replaces=words("groupId namespace"),
        defaults={"exclusive": True},
        unordered=words("memberGroupIds"),
    ),
)
