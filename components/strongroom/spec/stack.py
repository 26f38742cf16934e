"""What a stack's configuration says to Strongroom: which environment it is, and which slice of it."""

from pydantic import Field

from strongroom.spec.environment import SettingName
from strongroom.spec.model import Model
from strongroom.spec.names import Name


class Stack(Model):
    """The `strongroom:` keys of `Pulumi.<stack>.yaml`; all other keys belong to the providers."""

    environment: Name
    """The environment file it applies."""
    slice: Name = "all"
    """`all`, `platform` (what teams share), or one team: many small stacks instead of a slow one."""
    settings: dict[SettingName, str] = Field(default_factory=dict)
    """Replaces settings of the environment file, for addresses that only the stack knows."""
