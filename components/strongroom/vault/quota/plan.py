"""Quotas, which are global to a server: their names say the environment, their paths one of its mounts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit(Record):
    """Requests in a time."""

    kind: ClassVar[str] = "vault.quota.rate_limit"
    name: str
    mount: str
    path: str
    """The mount with its namespace, ending in a slash as the server has it."""
    role: str
    """Empty: all."""
    rate: float
    interval_seconds: int
    block_seconds: int
    """0: only what is too much is refused."""

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseCount(Record):
    """Leases at a time."""

    kind: ClassVar[str] = "vault.quota.lease_count"
    name: str
    mount: str
    path: str
    role: str
    max_leases: int

    @property
    def key(self) -> str:
        return self.name


def plan(scope: Scope) -> Iterator[Record]:
    vault = scope.environment.vault
    for name, quota in sorted(vault.quotas.items() if vault else ()):
        full_name = naming.global_name_of(scope.name, name)
        if limit := quota.rate_limit:
            yield RateLimit(
                slice=PLATFORM,
                name=full_name,
                mount=limit.mount,
                path=f"{scope.within_namespace(limit.mount)}/",
                role=limit.role or "",
                rate=limit.rate,
                interval_seconds=limit.interval,
                block_seconds=limit.block or 0,
            )
        elif count := quota.lease_count:
            yield LeaseCount(
                slice=PLATFORM,
                name=full_name,
                mount=count.mount,
                path=f"{scope.within_namespace(count.mount)}/",
                role=count.role or "",
                max_leases=count.max_leases,
            )
