"""What everything that a catalog lists has in common."""

from pydantic import Field

from strongroom.spec.model import Model
from strongroom.spec.names import Name


class Item(Model):
    """What every item of a catalog has."""

    environments: tuple[Name, ...] | None = Field(default=None, min_length=1)
    """The environments it exists in. Absent: all."""

    def exists_in(self, environment: str) -> bool:
        return self.environments is None or environment in self.environments
