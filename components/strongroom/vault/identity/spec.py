"""What people write about who is who on the server: entities for workloads, and groups."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from strongroom.spec.identity import GroupName
from strongroom.spec.model import Model
from strongroom.spec.names import Name, TeamName, WorkloadRef, refuse


class Group(Model):
    """Workloads that share policies, beside those that each has of its own.

    On the server it is one group for each team, `<environment>.<team>.<group>`, so that a team's slice says who of the
    team is in it and no slice speaks for another.
    """

    teams: tuple[TeamName, ...] = ()
    """The teams of which all workloads are in it."""
    workloads: tuple[WorkloadRef, ...] = ()
    """Further workloads, as `team/workload`."""
    policies: tuple[Name, ...] = Field(min_length=1)
    """The hand-written policies (`vault.policies`) of whoever is in it."""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.teams and not self.workloads:
            raise refuse("nobody is in the group", "name teams, or workloads as team/workload")
        return self


class ExternalGroup(Model):
    """A group that an identity provider keeps: who is in it, the provider's tokens say at each login."""

    auth: Name
    """The auth method whose tokens name the group: an `oidc` one, or a `jwt` one with a `groups_claim`."""
    group: Annotated[str, GroupName]
    """Its name in those tokens, exactly."""
    policies: tuple[Name, ...] = Field(min_length=1)
    """The hand-written policies (`vault.policies`) of whoever is in it."""


class IdentityStore(Model):
    """Entities and groups. Where this section is, even an empty one, every workload has an entity.

    The entity is called `<environment>.<team>.<workload>`, has metadata `environment`, `team` and `workload`, and is
    the same whichever way the workload logs in. Without the section the server makes nameless ones at first logins.
    """

    groups: dict[Name, Group] = Field(default_factory=dict)
    """Groups of workloads by name."""
    external_groups: dict[Name, ExternalGroup] = Field(default_factory=dict)
    """Groups that an identity provider keeps, by name. People's groups that have grants are made from the catalogs."""
