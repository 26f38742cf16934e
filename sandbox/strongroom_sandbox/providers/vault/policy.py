"""ACL policies and password policies: text as given, one path each."""

from dataclasses import dataclass

import pulumi_vault

from ..frame.errors import StandInError
from ..frame.row import Written, words
from ..frame.values import Properties
from .api import Vault
from .path_row import PathRow


@dataclass(frozen=True, kw_only=True)
class PolicyRow(PathRow):
    """A policy that overwrites one of the same name unless told not to."""

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Write the policy, or refuse to overwrite one."""
        place = self.location(inputs)
        if inputs.get("allowOverwrite") is False and server.within(inputs.get("namespace")).read(place) is not None:
            raise StandInError(f"{place} exists and allowOverwrite is false: import it, or choose another name")
        return super().create(server, inputs)


ROWS = (
    PolicyRow(
        resource=pulumi_vault.Policy,
        id="{name}",
        path="sys/policies/acl/{name}",
        autonamed=True,
        replaces=words("name namespace"),
        flags=words("allowOverwrite"),
    ),
    PathRow(
        resource=pulumi_vault.PasswordPolicy,
        id="{name}",
        path="sys/policies/password/{name}",
        autonamed=True,
        unsaid=words("entropySource"),
    ),
)
