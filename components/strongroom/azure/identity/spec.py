"""What people write about who is who in Azure."""

from typing import Annotated

from pydantic import AfterValidator, Field

from strongroom.azure.names import Uuid
from strongroom.spec.model import Model
from strongroom.spec.names import HttpsUrl, Name, WorkloadRef, check_characters


def _check_issuer(text: str) -> str:
    # Entra ID compares it with the token's `iss` character by character, a last slash included.
    return check_characters(text, "the issuer", r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]*)*$", "!-~", 600)


Issuer = Annotated[HttpsUrl, AfterValidator(_check_issuer)]
"""Exactly as in the tokens' `iss`; that of an AKS cluster ends with a slash."""


class AzureCluster(Model):
    """A cluster whose service accounts are workloads (AKS workload identity, or any cluster with a public issuer)."""

    issuer: Issuer
    """`az aks show --query oidcIssuerProfile.issuerUrl`, with its last slash."""


class AzureGithub(Model):
    """GitHub Actions."""

    issuer: Issuer = "https://token.actions.githubusercontent.com"
    """GitHub's issuer; an enterprise may have one of its own."""


class AzureIdentities(Model):
    """Where workloads come from. Each that is granted a secret here is given a managed identity of its own, which
    trusts exactly its subject."""

    clusters: dict[Name, AzureCluster] = Field(default_factory=dict)
    """The clusters of the environment. A workload with a Kubernetes service account may run in each."""
    principals: dict[WorkloadRef, Uuid] = Field(default_factory=dict)
    """Who workloads are here that no platform gives an identity, by `team/workload`: the object id
    (`principalId`) of a managed identity or service principal that is there already.
    Catalogs stay the same, whatever their secrets are kept in."""
    github_actions: AzureGithub | None = None
    """GitHub Actions, if jobs are workloads; `{}` for github.com."""
    writer_role: Uuid | None = None
    """A role of your own for workloads that may `write` or `delete`, such as one with no more than `setSecret`.
    Default: Azure's "Key Vault Secrets Officer", which may read, restore and purge as well: no narrower one is built
    in."""


class AzureManagedIdentity(Model):
    """A managed identity or service principal that was there before."""

    principal_id: Uuid
    """Its object id in Entra ID (`principalId`), not its client id."""
