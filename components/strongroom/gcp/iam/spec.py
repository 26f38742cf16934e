"""What people write about who is who in Google Cloud."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from strongroom.gcp.names import ProjectId, ProjectNumber, ServiceAccountEmail
from strongroom.spec.model import Model
from strongroom.spec.names import Name, WorkloadRef, check_characters

POOL_PATTERN: Final = r"^projects/[1-9][0-9]{5,18}/locations/global/workloadIdentityPools/[a-z0-9-]{4,32}$"


def _check_pool(text: str) -> str:
    return check_characters(text, "the pool", POOL_PATTERN, "A-Za-z0-9/-", 120)


class GkeProject(Model):
    """A project with GKE clusters. They share one pool of identities: service accounts with the same namespace
    and name are the same workload, whichever of them they are in (GKE, "About Workload Identity Federation")."""

    project: ProjectId
    """The project of the clusters."""
    project_number: ProjectNumber
    """Its number, in quotes."""


class GcpGithubActions(Model):
    """Jobs of GitHub Actions, by Workload Identity Federation: a pool of identities for each environment, which admits
    tokens of the repositories that are declared here, and none else."""

    existing_pool: Annotated[str, AfterValidator(_check_pool)] | None = None
    """A pool that is there already, by its full name with the project's number, and whose `google.subject` is the `sub`
    claim. Nothing is made then. Default: one for the environment."""
    owner_ids: tuple[Annotated[str, Field(pattern=r"^[0-9]{1,20}$")], ...] = ()
    """GitHub's numbers of the owners of all repositories (`repository_owner_id`), in quotes. With any, a token of an
    owner who took over an abandoned name is refused. Default: names alone count."""


class GcpIdentities(Model):
    """Where workloads come from. Service accounts of Google Cloud need no entry."""

    gke: dict[Name, GkeProject] = Field(default_factory=dict)
    """Projects whose GKE clusters run workloads, by a short name. A workload with a Kubernetes service account may run
    in each."""
    service_account_projects: tuple[ProjectId, ...] = ()
    """Further projects whose service accounts catalogs may name as workloads. The environment's own, and those with GKE
    clusters, are: an account of any other may be that of another environment."""
    principals: dict[WorkloadRef, ServiceAccountEmail] = Field(default_factory=dict)
    """Who workloads are here that no platform gives an identity, by `team/workload`: a service account
    that is there already.
    Catalogs stay the same, whatever their secrets are kept in."""
    github_actions: GcpGithubActions | None = None
    """GitHub Actions, if jobs are workloads."""
