"""GCP Secret Manager: the operator shows a token of the workload's service account (Workload Identity Federation for
GKE). Secrets name the account itself, so that it needs no annotation."""

from strongroom.external_secrets.delivered import Delivered, operator_of
from strongroom.external_secrets.providers import GcpProvider
from strongroom.external_secrets.stores.unreachable import UnreachableError
from strongroom.gcp.iam.members import principal_of
from strongroom.gcp.iam.spec import GkeProject
from strongroom.gcp.place import place_of
from strongroom.plan.scope import Scope


def provider(scope: Scope, found: Delivered) -> GcpProvider:
    """What a SecretStore says. Raises UnreachableError."""
    seen = operator_of(scope, found.cluster).gke
    gke = _gke_of(scope, found.cluster, seen.identities if seen else None)
    return GcpProvider(
        project=place_of(scope).project,
        service_account=found.account.service_account,
        principal=principal_of(gke, found.account),
        cluster_project=(seen.project or gke.project) if seen else None,
        cluster_location=seen.location if seen else None,
        cluster_name=seen.name if seen else None,
    )


def _gke_of(scope: Scope, cluster: str, named: str | None) -> GkeProject:
    """The project whose pool of identities a cluster has."""
    gke = scope.environment.gcp.identities.gke if scope.environment.gcp else {}
    name = named or (cluster if cluster in gke else None) or (next(iter(gke)) if len(gke) == 1 else None)
    if name is None or name not in gke:
        raise UnreachableError(
            f"it is not known in which of Google's projects cluster {cluster} is ({', '.join(sorted(gke)) or 'none'})",
            f"name one of `gcp.identities.gke` in `clusters.{cluster}.external_secrets.gke.identities`",
        )
    return gke[name]
