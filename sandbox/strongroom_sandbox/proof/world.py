"""What the steps of the proof work with, and what one hands to the next."""

from dataclasses import dataclass, field
from pathlib import Path

import hvac

from strongroom.plan.plan import Plan
from strongroom.vault.audit.plan import BY_API, AuditDevice
from strongroom.vault.auth.kubernetes.plan import KubernetesRole
from strongroom.vault.database.plan import DatabaseConnection, DatabaseMount, DatabaseRole
from strongroom.vault.kv.plan import KvSecret
from strongroom_sandbox.sandbox import Sandbox


class ProofError(Exception):
    """A promise does not hold. The text says which, and never holds a value."""


@dataclass
class World:
    """A deployed plan, seen from the workload `payments/checkout`."""

    sandbox: Sandbox
    plan: Plan
    searched: tuple[Path, ...]
    """The files in which no secret value may be: state, event log, console output, settings."""
    audit_from: int = field(init=False)
    """Where the audit log ended before the proof began, in bytes."""
    workload: hvac.Client = field(init=False)
    """The workload's own client; has a token after the first step."""
    seen: dict[str, str] = field(default_factory=dict)
    """Secret values met on the way, by name: the last step looks for them too."""
    database_user: str = ""
    """The role that was issued for the workload."""
    requests: list[tuple[str, str, bool]] = field(default_factory=list)
    """Operation, path and whether it was allowed, of every request: the audit log must know them."""

    def __post_init__(self) -> None:
        self.audit_from = self.audit_log.stat().st_size
        self.workload = self.sandbox.vault.workload_client()

    @property
    def audit_log(self) -> Path:
        """What the plan's own device writes, where the server takes devices by API; else the server's own."""
        deployed = (device for device in self.plan.of(AuditDevice) if device.declared_by == BY_API)
        path = next((dict(device.options)["file_path"] for device in deployed), None)
        return Path(path) if path else self.sandbox.vault.audit_log

    def role(self, workload: str) -> KubernetesRole:
        return next(role for role in self.plan.of(KubernetesRole) if role.workload == workload)

    def secret(self, name: str) -> KvSecret:
        return next(secret for secret in self.plan.of(KvSecret) if secret.key == name)

    def database_role(self, name: str) -> DatabaseRole:
        return next(role for role in self.plan.of(DatabaseRole) if role.name == name)

    @property
    def database_mount(self) -> str:
        return self.plan.of(DatabaseMount)[0].mount

    @property
    def connection(self) -> DatabaseConnection:
        return self.plan.of(DatabaseConnection)[0]
