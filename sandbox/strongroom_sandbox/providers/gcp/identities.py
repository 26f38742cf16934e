"""Who is who: pools of identities, roles, and the agents of services."""

import re
from dataclasses import dataclass
from typing import Final

import pulumi_gcp as gcp

from ..frame.file_store import Document, Resources
from ..frame.row import Row, Written
from ..frame.values import Properties
from . import rules
from .cloud import Cloud, CloudError, with_project
from .resource_row import ResourceRow

_STEERING: Final = frozenset({"project", "deletionPolicy"})
_AGENTS: Final = frozenset({"secretmanager", "pubsub"})
"""The services whose agents are served."""
_PERMISSION: Final = re.compile(r"[a-z][A-Za-z0-9]*(\.[A-Za-z0-9]+){2}")


@dataclass(frozen=True, kw_only=True)
class _PoolRow(ResourceRow):
    """A pool or provider, which Google names by the project's number."""

    def told(self, server: Cloud, identity: str, kept: Document, known: Properties) -> Properties:
        del kept, known
        _, project, rest = identity.split("/", 2)
        return {"name": f"projects/{server.number(project)}/{rest}", "state": "ACTIVE"}


def _mapping(_cloud: Cloud, _resources: Resources, body: Document, _before: Document | None) -> None:
    """IAM, "WorkloadIdentityPoolProvider": OIDC needs google.subject."""
    if "oidc" in body and "google.subject" not in body.get("attributeMapping", {}):
        raise rules.invalid(body, "attributeMapping needs google.subject")
    if "oidc" in body and not body["oidc"]["issuerUri"].startswith("https://"):
        raise rules.invalid(body, "oidc.issuerUri is no https:// address")
    # Google's page "Configure Workload Identity Federation with deployment pipelines": shared issuers need a condition.
    if "token.actions.githubusercontent.com" in str(body.get("oidc")) and not body.get("attributeCondition"):
        raise rules.invalid(body, "an issuer that everybody shares needs an attributeCondition on one of its claims")


def _permissions(_cloud: Cloud, _resources: Resources, body: Document, _before: Document | None) -> None:
    """IAM, "Create and manage custom roles"."""
    for permission in body.get("includedPermissions", ()):
        if not _PERMISSION.fullmatch(permission):
            raise rules.invalid(body, f"'{permission}' is no permission")


POOL: Final = _PoolRow(
    resource=gcp.iam.WorkloadIdentityPool,
    api="iam.v1",
    schema="WorkloadIdentityPool",
    name="projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPoolId}",
    created=False,
    unsent=_STEERING | {"workloadIdentityPoolId"},
    replaces=frozenset({"project", "workloadIdentityPoolId"}),
    steady=frozenset({"name"}),
    computed=frozenset({"mode", "deletionPolicy"}),
    api_rules=(
        rules.id_of(r"(?!gcp-)[a-z0-9-]{4,32}", "IAM, projects.locations.workloadIdentityPools.create"),
        rules.shorter("displayName", 32, "IAM, WorkloadIdentityPool"),
        rules.shorter("description", 256, "IAM, WorkloadIdentityPool"),
    ),
)
PROVIDER: Final = _PoolRow(
    resource=gcp.iam.WorkloadIdentityPoolProvider,
    api="iam.v1",
    schema="WorkloadIdentityPoolProvider",
    name=(
        "projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPoolId}"
        "/providers/{workloadIdentityPoolProviderId}"
    ),
    within="projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPoolId}",
    created=False,
    unsent=_STEERING | {"workloadIdentityPoolId", "workloadIdentityPoolProviderId"},
    replaces=frozenset({"project", "workloadIdentityPoolId", "workloadIdentityPoolProviderId"}),
    steady=frozenset({"name"}),
    computed=frozenset({"deletionPolicy"}),
    api_rules=(
        rules.id_of(r"(?!gcp-)[a-z0-9-]{4,32}", "IAM, projects.locations.workloadIdentityPools.providers.create"),
        rules.shorter("displayName", 32, "IAM, WorkloadIdentityPoolProvider"),
        rules.shorter("attributeCondition", 4096, "IAM, WorkloadIdentityPoolProvider"),
        _mapping,
    ),
)


@dataclass(frozen=True, kw_only=True)
class _RoleRow(ResourceRow):
    """A role of a project, whose full name is its id and its name."""

    def told(self, server: Cloud, identity: str, kept: Document, known: Properties) -> Properties:
        del server, kept, known
        return {"name": identity, "deleted": False}


ROLE: Final = _RoleRow(
    resource=gcp.projects.IAMCustomRole,
    api="iam.v1",
    schema="Role",
    name="projects/{project}/roles/{roleId}",
    created=False,
    unsent=_STEERING | {"roleId"},
    keys={"permissions": "includedPermissions"},
    defaults={"stage": "GA"},
    unordered=frozenset({"permissions"}),
    replaces=frozenset({"project", "roleId"}),
    steady=frozenset({"name"}),
    computed=frozenset({"deletionPolicy"}),
    api_rules=(
        rules.id_of("[A-Za-z0-9_.]{3,64}", "IAM, CreateRoleRequest"),
        rules.shorter("title", 100, "IAM, Role"),
        _permissions,
    ),
)


@dataclass(frozen=True, kw_only=True)
class _ServiceAgentRow(Row[Cloud]):
    """The account of a service. Google makes it once, and nothing deletes it."""

    def completed(self, inputs: Properties, server: Cloud | None) -> Properties:
        return with_project(inputs, server)

    def create(self, server: Cloud, inputs: Properties) -> Written:
        name = inputs["service"].partition(".")[0]
        if name not in _AGENTS:
            raise CloudError("NOT_FOUND", f"service agent of {inputs['service']}", "this service is not served here")
        server.number(inputs["project"])
        return Written(f"projects/{inputs['project']}/services/{inputs['service']}")

    def read(self, server: Cloud, identity: str, known: Properties) -> Properties | None:
        del known
        _, project, _, service = identity.split("/")
        name = service.partition(".")[0]
        if name not in _AGENTS:
            return None
        member = server.agent(project, name)
        email = member.removeprefix("serviceAccount:")
        return {"project": project, "service": service, "email": email, "member": member}

    def update(self, server: Cloud, identity: str, state: Properties, inputs: Properties) -> Properties | None:
        del server, identity, state, inputs
        return None

    def delete(self, server: Cloud, identity: str, state: Properties) -> None:
        del server, identity, state


SERVICE_AGENT: Final = _ServiceAgentRow(
    resource=gcp.projects.ServiceIdentity,
    replaces=frozenset({"project", "service"}),
)
