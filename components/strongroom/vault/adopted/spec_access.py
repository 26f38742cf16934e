"""What a product team writes about credentials of an adopted role."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from strongroom.spec.model import Model
from strongroom.spec.names import MountPath, refuse

RoleName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$")]
"""As the servers allow it; it becomes part of a policy's path, so there is no wildcard in it."""


class AdoptedRole(Model):
    """Credentials of a database role that was there before, made or told by the server on each read."""

    engine: MountPath
    """The engine's mount, as `vault.adopted.engines` of the environment names it."""
    role: RoleName | None = None
    """A role: each read makes new credentials."""
    static_role: RoleName | None = None
    """Or a static role: each read tells the current ones."""

    @model_validator(mode="after")
    def _one_role(self) -> Self:
        if (self.role is None) == (self.static_role is None):
            raise refuse("name exactly one of role and static_role")
        return self
