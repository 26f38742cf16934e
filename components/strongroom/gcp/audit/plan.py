"""Data Access audit logs of Secret Manager: without them nobody can tell who read a secret."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.gcp.place import SECRET_MANAGER, GcpPlace, place_of
from strongroom.gcp.secret_manager.plan import KIND
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope

LOG_TYPES: Final = ("ADMIN_READ", "DATA_READ", "DATA_WRITE")
"""Cloud Audit Logs, "Configure Data Access audit logs". What administrators change is recorded in any case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpAuditLogs(Record):
    """What a project records of one service, of everybody."""

    kind: ClassVar[str] = "gcp.audit.logs"
    place: GcpPlace
    service: str
    log_types: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.place.project}/{self.service}"


def plan(scope: Scope) -> Iterator[Record]:
    # Where nothing lies there, nothing is deployed there, and nobody needs a login.
    if scope.environment.gcp and scope.environment.gcp.audit_logs and scope.stored.get(KIND):
        yield GcpAuditLogs(slice=PLATFORM, place=place_of(scope), service=SECRET_MANAGER, log_types=LOG_TYPES)
