"""Managed identities of workloads as a component, and the deployment of those and of their rights."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_azure_native as azure_native

from strongroom.azure import provider
from strongroom.azure.identity.access import AzureRoleAssignmentArgs, AzureSecretAccess
from strongroom.azure.identity.plan import AzureIdentity, AzureRoleAssignment
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf

AUDIENCE = "api://AzureADTokenExchange"
"""What tokens that are exchanged have to be for: Entra ID, "Workload identity federation"."""


class AzureFederatedCredentialArgs(TypedDict):
    """Whose tokens an identity trusts."""

    issuer: str
    """Exactly the `iss` of the tokens."""
    subject: str
    """Exactly their `sub`."""


class AzureWorkloadIdentitiesArgs(TypedDict):
    """Managed identities of one resource group."""

    resource_group: str
    """The resource group."""
    location: str
    """The location."""
    identities: dict[str, dict[str, AzureFederatedCredentialArgs]]
    """For each identity by name, the subjects that it trusts by a name of their own."""
    tags: NotRequired[dict[str, str]]
    """Tags. Default: none."""


class AzureWorkloadIdentities(pulumi.ComponentResource):
    """Managed identities that workloads log in as, with tokens of their own platform and without a secret."""

    client_ids: pulumi.Output[dict[str, str]]
    """What each workload names when it logs in (`AZURE_CLIENT_ID`), by name."""
    principal_ids: pulumi.Output[dict[str, str]]
    """What rights are given to, by name."""

    def __init__(
        self, name: str, args: AzureWorkloadIdentitiesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("strongroom:index:AzureWorkloadIdentities", name, None, opts)
        self.identities = {
            identity: azure_native.managedidentity.UserAssignedIdentity(
                f"{name}-{identity}",
                resource_name_=identity,
                resource_group_name=args["resource_group"],
                location=args["location"],
                tags=args.get("tags"),
                opts=leaf(self),
            )
            for identity in args["identities"]
        }
        for identity, credentials in args["identities"].items():
            # Entra ID takes one at a time: "Concurrent updates aren't supported".
            before: pulumi.Resource = self.identities[identity]
            for credential, trusted in credentials.items():
                before = azure_native.managedidentity.FederatedIdentityCredential(
                    f"{name}-{identity}-{credential}",
                    federated_identity_credential_resource_name=credential,
                    resource_name_=identity,
                    resource_group_name=args["resource_group"],
                    issuer=trusted["issuer"],
                    subject=trusted["subject"],
                    audiences=[AUDIENCE],
                    opts=leaf(self, depends_on=[before]),
                )
        self.client_ids = pulumi.Output.all(**{key: made.client_id for key, made in self.identities.items()})
        self.principal_ids = pulumi.Output.all(**{key: made.principal_id for key, made in self.identities.items()})
        self.register_outputs({"client_ids": self.client_ids, "principal_ids": self.principal_ids})


def deploy(plan: Plan, stage: Stage) -> None:
    """The identities of a plan, and the rights on what is in each vault."""
    principals: dict[str, pulumi.Output[str]] = {}
    for place, identities in plan.grouped(AzureIdentity, lambda identity: identity.place):
        component = AzureWorkloadIdentities(
            f"{plan.environment}-azure-identities",
            {
                "resource_group": place.resource_group,
                "location": place.location,
                "identities": {
                    i.name: {c.name: {"issuer": c.issuer, "subject": c.subject} for c in i.credentials}
                    for i in identities
                },
                "tags": {"strongroom:environment": plan.environment},
            },
            provider.options(stage, place),
        )
        principals |= {name: identity.principal_id for name, identity in component.identities.items()}
        stage.azure_client_ids |= {i.key: component.identities[i.name].client_id for i in identities}
    for (vault, place), assignments in plan.grouped(AzureRoleAssignment, lambda a: (a.vault, a.place)):
        access = AzureSecretAccess(
            f"{plan.environment}-{vault}-access",
            {"assignments": {a.name: _args(a, principals) for a in assignments}},
            provider.options_in_vault(stage, place, vault),
        )
        stage.rights.append(access)


def _args(record: AzureRoleAssignment, principals: dict[str, pulumi.Output[str]]) -> AzureRoleAssignmentArgs:
    return {
        "scope": record.scope,
        "role": record.role,
        "principal_id": principals[record.identity] if record.identity else record.principal_id or "",
        "description": f"{record.holder}: {record.secret} (strongroom)",
    }
