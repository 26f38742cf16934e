"""Managed identities, whose tokens they trust, and role assignments, by azure-mgmt-msi and azure-mgmt-authorization."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from azure.mgmt.authorization.v2022_04_01 import models as authorization_models
from azure.mgmt.msi.v2024_11_30 import models
from pulumi_azure_native import authorization, managedidentity

from .arm import Arm, of_type, refused
from .row import ArmRow, Names, Put

IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
CREDENTIALS: Final = f"{IDENTITIES}/federatedIdentityCredentials"
ASSIGNMENTS: Final = "Microsoft.Authorization/roleAssignments"
_IDENTITY: Final = (
    f"/subscriptions/{{subscriptionId}}/resourceGroups/{{resourceGroupName}}/providers/{IDENTITIES}/{{resourceName}}"
)
_CREDENTIALS_MOST: Final = 20
"""Important considerations and restrictions for federated identity credentials."""
_ASSIGNMENTS_MOST: Final = 4000
"""Troubleshoot Azure RBAC limits."""


@dataclass(frozen=True, kw_only=True)
class IdentityRow(ArmRow):
    """A managed identity."""

    def told(self, server: Arm, identity: str, body: dict[str, Any]) -> dict[str, Any]:
        """Add the ids that Entra ID gives: the same for the same identity, as no clock or chance is in a sandbox."""
        ids = {name: str(uuid5(NAMESPACE_URL, f"{name} {identity.lower()}")) for name in ("clientId", "principalId")}
        return {"properties": {**body.get("properties", {}), **ids, "tenantId": server.tenant}}


@dataclass(frozen=True, kw_only=True)
class CredentialRow(ArmRow):
    """Whose tokens an identity trusts."""

    def accept(self, put: Put) -> None:
        """Refuse what Entra ID refuses: the page above."""
        wanted = put.body["properties"]
        for name in ("issuer", "subject", "audiences"):
            if not wanted.get(name):
                raise refused("BadRequest", f"{name} is empty", "say whose tokens are trusted")
        if len(wanted["audiences"]) != 1:
            raise refused("BadRequest", "audiences has more than one entry", "name one")
        prefix = f"{put.identity.rpartition('/')[0].lower()}/"
        others = [r for key, r in put.resources.items() if key.startswith(prefix) and key != put.identity.lower()]
        if put.before is None and len(others) >= _CREDENTIALS_MOST:
            raise refused(
                "BadRequest", f"an identity has at most {_CREDENTIALS_MOST} of them", "make a second identity"
            )
        if any(all(o["properties"][k] == wanted[k] for k in ("issuer", "subject")) for o in others):
            raise refused("Conflict", "issuer and subject are those of another one of this identity", "leave one out")


@dataclass(frozen=True, kw_only=True)
class AssignmentRow(ArmRow):
    """Who has which role on what."""

    def accept(self, put: Put) -> None:
        """Refuse what Azure RBAC refuses: Troubleshoot Azure RBAC; Role Assignments - Create."""
        wanted, scope = put.body["properties"], put.identity.partition(f"/providers/{ASSIGNMENTS}")[0]
        try:
            UUID(put.identity.rpartition("/")[2])
            UUID(wanted["principalId"])
        except ValueError:
            raise refused(
                "InvalidRequestContent", "names of assignments and principals are GUIDs", "write one"
            ) from None
        if put.before:
            raise refused("RoleAssignmentUpdateNotPermitted", "an assignment cannot be changed", "replace it")
        vault, secret, _ = scope.lower().rpartition("/secrets/")
        if secret and vault not in put.resources and "/vaults/" in vault and put.server.subscription in vault:
            raise refused("ResourceNotFound", f"{vault} is not there", "deploy the vault first")
        found = list(of_type(put.resources, ASSIGNMENTS))
        if len(found) >= _ASSIGNMENTS_MOST:
            raise refused("RoleAssignmentLimitExceeded", f"a subscription has {_ASSIGNMENTS_MOST}", "remove some")
        same = ("principalId", "roleDefinitionId")
        for other in found:
            there = other["id"].lower().partition(f"/providers/{ASSIGNMENTS.lower()}")[0]
            if there == scope.lower() and all(other["properties"][k] == wanted[k] for k in same):
                raise refused("RoleAssignmentExists", f"{other['id']} says the same", "import it, or remove it")

    def told(self, server: Arm, identity: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002  of the id
        """Add the scope."""
        return {"properties": {**body["properties"], "scope": identity.partition(f"/providers/{ASSIGNMENTS}")[0]}}


ROWS = (
    IdentityRow(
        resource=managedidentity.UserAssignedIdentity,
        path=_IDENTITY,
        kind=IDENTITIES,
        model=models.Identity,
        names=Names(r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}"),
        name="resourceName",
        replaces=frozenset({"resourceName", "resourceGroupName", "location"}),
    ),
    CredentialRow(
        resource=managedidentity.FederatedIdentityCredential,
        path=f"{_IDENTITY}/federatedIdentityCredentials/{{federatedIdentityCredentialResourceName}}",
        kind=CREDENTIALS,
        model=models.FederatedIdentityCredential,
        names=Names(r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}", "Federated Identity Credentials - Create Or Update"),
        name="federatedIdentityCredentialResourceName",
        replaces=frozenset({"federatedIdentityCredentialResourceName", "resourceName", "resourceGroupName"}),
    ),
    AssignmentRow(
        resource=authorization.RoleAssignment,
        path=f"{{scope}}/providers/{ASSIGNMENTS}/{{roleAssignmentName}}",
        kind=ASSIGNMENTS,
        model=authorization_models.RoleAssignmentCreateParameters,
        names=Names(r"[0-9A-Fa-f-]{36}", "Role Assignments - Create"),
        name="roleAssignmentName",
        values={"principalType": frozenset(kind.value for kind in authorization_models.PrincipalType)},
        replaces=frozenset(
            {"roleAssignmentName", "scope", "principalId", "roleDefinitionId", "principalType", "description",
             "condition", "conditionVersion", "delegatedManagedIdentityResourceId"}
        ),
    ),
)  # fmt: skip
