"""Audit devices as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf
from strongroom.vault.audit.plan import BY_API, BY_SERVER_CONFIGURATION, AuditDevice
from strongroom.vault.audit.render import audit_stanza


class VaultAuditDeviceArgs(TypedDict):
    """An audit device."""

    device: str
    """Its name, which is its path below `audit/`."""
    type: str
    """`file`, `syslog` or `socket`."""
    options: dict[str, str]
    """The device's own options, such as `file_path`."""
    declared_by: str
    """`api` (Vault), or `server configuration` (OpenBao, which refuses audit devices by API)."""
    protect_data: NotRequired[bool]
    """Whether it is protected: a server without its last audit device keeps no record. Default true."""


class VaultAuditDevice(pulumi.ComponentResource):
    """An audit device. On OpenBao nothing is created: `declaration` is what its configuration file must say."""

    declared_by: pulumi.Output[str]
    """Which way the device comes to be."""
    declaration: pulumi.Output[str]
    """The stanza for the server's configuration file; empty where the API is used."""

    def __init__(self, name: str, args: VaultAuditDeviceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultAuditDevice", name, None, opts)
        declared_by = args["declared_by"]
        if declared_by not in (BY_API, BY_SERVER_CONFIGURATION):
            raise ValueError(
                f"{name}: declared_by is {declared_by!r}; allowed: {BY_API!r}, {BY_SERVER_CONFIGURATION!r}"
            )
        by_api = declared_by == BY_API
        if by_api:
            # Every change replaces a device, and its path is taken until the old one is gone. In between a server that
            # has no other device keeps no record: where that counts, declare the new one under another name first.
            vault.Audit(
                f"{name}-device",
                path=args["device"],
                type=args["type"],
                options=args["options"],
                opts=leaf(self, protect=args.get("protect_data", True), delete_before_replace=True),
            )
        self.declared_by = pulumi.Output.from_input(declared_by)
        self.declaration = pulumi.Output.from_input(
            "" if by_api else audit_stanza(args["device"], args["type"], args["options"])
        )
        self.register_outputs({"declared_by": self.declared_by, "declaration": self.declaration})


def deploy(plan: Plan, stage: Stage) -> None:
    """The audit devices of a plan; all else waits for them."""
    for record in plan.of(AuditDevice):
        stage.first.append(
            VaultAuditDevice(
                f"audit-{record.name}",
                {
                    "device": record.name,
                    "type": record.type,
                    "options": dict(record.options),
                    "declared_by": record.declared_by,
                    "protect_data": record.protect,
                },
                component_options(stage),
            )
        )
