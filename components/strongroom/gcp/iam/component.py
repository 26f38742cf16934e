"""Service agents and roles as components, and all of IAM that the policies of secrets refer to."""

from typing import TypedDict

import pulumi
import pulumi_gcp as gcp

from strongroom.gcp import provider
from strongroom.gcp.iam.github_pool import GcpGithubPool
from strongroom.gcp.iam.plan import GcpCustomRole, GcpServiceAgent
from strongroom.gcp.iam.plan import GcpGithubPool as PoolRecord
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf


class GcpServiceAgentsArgs(TypedDict):
    """Services of one project."""

    project: pulumi.Input[str]
    """The project's id."""
    services: list[str]
    """The services, such as `secretmanager.googleapis.com`."""


class GcpServiceAgents(pulumi.ComponentResource):
    """The accounts as which services act in a project. Google makes each when somebody asks for it, and it stays."""

    emails: pulumi.Output[dict[str, str]]
    """The account of each service."""

    def __init__(self, name: str, args: GcpServiceAgentsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:GcpServiceAgents", name, None, opts)
        self.agents = {
            service: gcp.projects.ServiceIdentity(
                f"{name}-{service.partition('.')[0]}", project=args["project"], service=service, opts=leaf(self)
            )
            for service in args["services"]
        }
        self.emails = pulumi.Output.all(**{service: agent.email for service, agent in self.agents.items()})
        self.register_outputs({"emails": self.emails})


class GcpRoleArgs(TypedDict):
    """A role."""

    role_id: str
    """Its id: letters, digits, `_` and `.`."""
    title: pulumi.Input[str]
    """For people."""
    permissions: list[str]
    """What it allows, such as `secretmanager.versions.disable`."""


class GcpRolesArgs(TypedDict):
    """Roles of one project."""

    project: pulumi.Input[str]
    """The project's id."""
    roles: dict[str, GcpRoleArgs]
    """The roles by a short name of their own."""


class GcpRoles(pulumi.ComponentResource):
    """Roles for which Google has none that is as narrow."""

    names: pulumi.Output[dict[str, str]]
    """The full name of each role, `projects/<project>/roles/<id>`, by its short name."""

    def __init__(self, name: str, args: GcpRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:GcpRoles", name, None, opts)
        self.roles = {
            short: gcp.projects.IAMCustomRole(
                f"{name}-{short}",
                project=args["project"],
                role_id=role["role_id"],
                title=role["title"],
                permissions=role["permissions"],
                opts=leaf(self),
            )
            for short, role in args["roles"].items()
        }
        self.names = pulumi.Output.all(**{short: role.name for short, role in self.roles.items()})
        self.register_outputs({"names": self.names})


def deploy(plan: Plan, stage: Stage) -> None:
    """What the policies of secrets refer to; no policy is written before that exists."""
    made: list[pulumi.Resource] = []
    for place, agents in plan.grouped(GcpServiceAgent, lambda a: a.place):
        services = [agent.service for agent in agents]
        component = GcpServiceAgents(
            f"{plan.environment}-agents",
            {"project": place.project, "services": services},
            provider.options(stage, place),
        )
        made += component.agents.values()
    for place, roles in plan.grouped(GcpCustomRole, lambda r: r.place):
        of_role: dict[str, GcpRoleArgs] = {
            role.role_id.rpartition(".")[2]: {
                "role_id": role.role_id,
                "title": role.title,
                "permissions": list(role.permissions),
            }
            for role in roles
        }
        custom = GcpRoles(
            f"{plan.environment}-roles", {"project": place.project, "roles": of_role}, provider.options(stage, place)
        )
        made += custom.roles.values()
    for record in plan.of(PoolRecord):
        pool = GcpGithubPool(
            f"{plan.environment}-github",
            {
                "project": record.place.project,
                "pool_id": record.pool_id,
                "condition": record.condition,
                "issuer": record.issuer,
            },
            provider.options(stage, record.place),
        )
        made += pool.resources
    stage.gcp_first += made
