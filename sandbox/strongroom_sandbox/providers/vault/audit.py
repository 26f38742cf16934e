"""Audit devices. OpenBao takes them from its configuration only and refuses this; HashiCorp Vault accepts it."""

from dataclasses import dataclass

import pulumi_vault

from ..frame.row import Row, Written, words
from ..frame.values import Properties
from .api import Vault


@dataclass(frozen=True, kw_only=True)
class AuditRow(Row[Vault]):
    """An audit device. The server can only list them all."""

    def identity_before(self, inputs: Properties) -> str:
        """Return the path, by default the type."""
        return str(inputs.get("path") or inputs["type"])

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Enable the device."""
        path = self.identity_before(inputs)
        body: Properties = {
            name: inputs[name] for name in ("type", "description", "local", "options") if name in inputs
        }
        server.within(inputs.get("namespace")).write(f"sys/audit/{path}", body)
        return Written(path)

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Find the device in the list."""
        devices = server.within(known.get("namespace")).read("sys/audit") or {}
        device = devices.get(f"{identity.strip('/')}/")
        if device is None:
            return None
        return {
            "path": identity,
            "type": device["type"],
            "description": device.get("description"),
            "options": device.get("options") or {},
            "local": known.get("local"),
            "namespace": known.get("namespace"),
        }

    def update(self, server: Vault, identity: str, state: Properties, inputs: Properties) -> None:
        """Do nothing: every input replaces the device."""

    def delete(self, server: Vault, identity: str, state: Properties) -> None:
        """Disable the device."""
        server.within(state.get("namespace")).delete(f"sys/audit/{identity}")


ROWS = (
    AuditRow(
        resource=pulumi_vault.Audit,
        replaces=words("description local namespace options path type"),
        computed=words("path"),
    ),
)
