"""What people write about quotas: how much of a server an environment's mounts may use."""

from typing import Annotated, ClassVar

from pydantic import Field

from strongroom.spec.model import Model, OneOf, StrictInt
from strongroom.spec.names import Duration
from strongroom.vault.profile import Needs

RoleName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$")]


class RateLimit(Model):
    """How often requests may come, counted for each client address. What is too much is answered with 429."""

    mount: str
    """The mount that it is for, by its path (`kv-prod`, or `auth/cluster-prod` for an auth method): one of this
    environment's own."""
    rate: Annotated[float, Field(gt=0, le=1_000_000)]
    """Requests in each interval."""
    interval: Duration = 1
    """The interval. Default 1 second."""
    block: Duration | None = None
    """How long whoever exceeds the rate is refused everything here. Default: only what is too much is refused."""
    role: Annotated[RoleName | None, Needs("quotas.role")] = None
    """Only logins with this role, if the mount is an auth method."""


class LeaseCount(Model):
    """How many leases there may be at a time. HashiCorp Vault Enterprise only."""

    mount: str
    """The mount that it is for, by its path: one of this environment's own."""
    max_leases: Annotated[StrictInt, Field(ge=1, le=10_000_000)]
    """The number of leases at which no more are given."""
    role: Annotated[RoleName | None, Needs("quotas.role")] = None
    """Only logins with this role, if the mount is an auth method."""


class Quota(OneOf):
    """A limit; exactly one kind."""

    what: ClassVar[str] = "quota"

    rate_limit: Annotated[RateLimit | None, Needs("quotas.rate_limit")] = None
    """Requests in a time."""
    lease_count: Annotated[LeaseCount | None, Needs("quotas.lease_count")] = None
    """Leases at a time."""
