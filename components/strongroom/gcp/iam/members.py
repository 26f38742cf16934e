"""Who a workload is in Google Cloud, by the names that IAM's policies know: IAM, "Principal identifiers". Pure."""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from strongroom.gcp.iam.spec import GcpIdentities, GkeProject
from strongroom.gcp.place import place_of
from strongroom.plan.scope import Key, Scope, remembered
from strongroom.spec.identity import Identity, Kubernetes

KINDS: Final = ("kubernetes", "github_actions", "gcp_service_account")
"""Kinds of identity that Google Cloud knows."""
SUBJECT_MAX: Final = 127
"""Bytes: IAM, "Workload Identity Federation", `google.subject`."""
SUBJECT: Final = re.compile(r"[A-Za-z0-9._~:/@%=+-]+")
"""What a principal can name: it is a URI (RFC 3986), and Google documents no other way to write a subject in it."""
POOL_ID_MAX: Final = 32
_HASH: Final = 8


def identities_of(scope: Scope) -> GcpIdentities:
    """Where the environment's workloads come from, or that nothing is said."""
    gcp = scope.environment.gcp
    return gcp.identities if gcp else GcpIdentities()


@remembered
def members_of(scope: Scope, workload: Key) -> list[str]:
    """All that a workload is in Google Cloud, each once; empty if it is nothing there."""
    named = identities_of(scope).principals.get("/".join(workload))
    own = [member for login in scope.workloads[workload].logins for member in _members(scope, login.runs_as)]
    return list(dict.fromkeys([*([f"serviceAccount:{named}"] if named else []), *own]))


def github_pool_id(environment: str) -> str:
    """The id of an environment's pool for GitHub Actions, 4 to 32 characters. What is too long is cut, and ends in a
    hash of all of it."""
    full = f"github-{environment}"
    if len(full) <= POOL_ID_MAX:
        return full
    return f"{full[: POOL_ID_MAX - _HASH - 1].rstrip('-')}-{sha256(full.encode()).hexdigest()[:_HASH]}"


def github_pool(scope: Scope) -> str:
    """The full name of the pool that admits jobs of GitHub Actions. Identities are named by the number of a project."""
    github = identities_of(scope).github_actions
    if github and github.existing_pool:
        return github.existing_pool
    pools = f"projects/{place_of(scope).number}/locations/global/workloadIdentityPools"
    return f"{pools}/{github_pool_id(scope.name)}"


def _members(scope: Scope, identity: Identity) -> Iterator[str]:
    known = identities_of(scope)
    if pod := identity.kubernetes:
        yield from (principal_of(gke, pod) for gke in known.gke.values())
    if (job := identity.github_actions) and known.github_actions:
        yield _principal(github_pool(scope), job.sub)
    if account := identity.gcp_service_account:
        yield f"serviceAccount:{account.email}"


def principal_of(gke: GkeProject, pod: Kubernetes) -> str:
    """A service account of the clusters of one project."""
    pool = f"projects/{gke.project_number}/locations/global/workloadIdentityPools/{gke.project}.svc.id.goog"
    return _principal(pool, f"ns/{pod.namespace}/sa/{pod.service_account}")


def _principal(pool: str, subject: str) -> str:
    return f"principal://iam.googleapis.com/{pool}/subject/{subject}"
