"""AppRole: roles. The role's id has a path of its own."""

from dataclasses import dataclass

from pulumi_vault import approle

from ..frame.row import Written, words
from ..frame.values import Properties
from .api import Vault
from .conversions import same_networks
from .path_row import PathRow
from .token_fields import TOKEN_CONVERT, TOKEN_DEFAULTS, TOKEN_SAME, TOKEN_UNORDERED


@dataclass(frozen=True, kw_only=True)
class AppRoleRow(PathRow):
    """A role whose `roleId` is written and read apart."""

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Write the role, then its id if one was chosen."""
        written = super().create(server, inputs)
        if "roleId" in inputs:
            self._write_role_id(server, inputs)
        return written

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Read the role and its id."""
        state = super().read(server, identity, known)
        if state is None:
            return None
        answer = server.within(known.get("namespace")).read(f"{identity}/role-id") or {}
        return {**state, "roleId": answer.get("role_id")}

    def update(self, server: Vault, identity: str, state: Properties, inputs: Properties) -> None:
        """Write the role, then its id if it changed."""
        super().update(server, identity, state, inputs)
        if inputs.get("roleId", state.get("roleId")) != state.get("roleId"):
            self._write_role_id(server, inputs)

    def _write_role_id(self, server: Vault, inputs: Properties) -> None:
        place = f"{self.location(inputs)}/role-id"
        server.within(inputs.get("namespace")).write(place, {"role_id": inputs["roleId"]})


ROWS = (
    AppRoleRow(
        resource=approle.AuthBackendRole,
        path="auth/{backend}/role/{roleName}",
        replaces=words("backend namespace roleName"),
        defaults={"backend": "approle", "bindSecretId": True, **TOKEN_DEFAULTS},
        computed=words("roleId"),
        flags=words("roleId"),
        unordered=TOKEN_UNORDERED,
        convert=TOKEN_CONVERT,
        same={**TOKEN_SAME, "secretIdBoundCidrs": same_networks},
    ),
)
