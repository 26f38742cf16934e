"""Data Access audit logs as a component."""

from typing import TypedDict

import pulumi
import pulumi_gcp as gcp

from strongroom.gcp import provider
from strongroom.gcp.audit.plan import GcpAuditLogs as Record
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf


class GcpAuditLogsArgs(TypedDict):
    """What a project records of one service."""

    project: pulumi.Input[str]
    """The project's id."""
    service: str
    """The service, such as `secretmanager.googleapis.com`."""
    log_types: list[str]
    """Any of `ADMIN_READ`, `DATA_READ`, `DATA_WRITE`."""


class GcpAuditLogs(pulumi.ComponentResource):
    """Data Access audit logs of one service in one project. Nobody is exempted: there is no argument for that."""

    service: pulumi.Output[str]
    """The service."""

    def __init__(self, name: str, args: GcpAuditLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:GcpAuditLogs", name, None, opts)
        self.config = gcp.projects.IAMAuditConfig(
            f"{name}-{args['service'].partition('.')[0]}",
            project=args["project"],
            service=args["service"],
            audit_log_configs=[{"log_type": log_type} for log_type in args["log_types"]],
            opts=leaf(self),
        )
        self.service = self.config.service
        self.register_outputs({"service": self.service})


def deploy(plan: Plan, stage: Stage) -> None:
    """The audit logs of a plan. All else waits for them, so that nothing happens unrecorded."""
    for record in plan.of(Record):
        component = GcpAuditLogs(
            f"{plan.environment}-audit",
            {"project": record.place.project, "service": record.service, "log_types": list(record.log_types)},
            provider.options(stage, record.place),
        )
        stage.gcp_first.append(component.config)
