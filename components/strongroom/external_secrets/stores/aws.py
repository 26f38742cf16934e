"""Secrets Manager and Parameter Store: the operator takes the role of the workload, by a token of its account or, with
EKS Pod Identity, by its own role and tags that say for which store."""

from typing import Final, Literal

from strongroom.aws.iam.accounts import out_of_reach
from strongroom.aws.iam.arns import role_arn, role_path
from strongroom.aws.iam.grants import iam_of, is_here
from strongroom.aws.iam.names import role_name
from strongroom.aws.parameter_store.plan import KIND as PARAMETER_STORE
from strongroom.aws.place import place_of
from strongroom.aws.secrets_manager.plan import KIND as SECRETS_MANAGER
from strongroom.external_secrets.delivered import Delivered, operator_of
from strongroom.external_secrets.providers import AwsProvider
from strongroom.external_secrets.stores.unreachable import UnreachableError
from strongroom.plan.scope import Scope

_SERVICES: Final[dict[str, Literal["SecretsManager", "ParameterStore"]]] = {
    SECRETS_MANAGER: "SecretsManager",
    PARAMETER_STORE: "ParameterStore",
}


def provider(scope: Scope, found: Delivered) -> AwsProvider:
    """What a SecretStore says. Raises UnreachableError."""
    cluster = found.cluster
    known = iam_of(scope).clusters.get(cluster)
    if known is None:
        raise UnreachableError(
            f"AWS does not know the service accounts of cluster {cluster}",
            f"declare `aws.iam.clusters.{cluster}` in the environment file",
        )
    place = place_of(scope)
    path, name = role_path(scope.name), role_name(scope.name, *found.workload)
    return AwsProvider(
        service=_SERVICES[scope.store_of(scope.secrets[found.secret])[1].kind],
        region=place.region,
        role=role_arn(place.partition, place.account, path, name),
        service_account=found.account.service_account if known.irsa else None,
        shown_to=known.irsa.oidc_provider_arn if known.irsa else _operator(scope, cluster),
        cluster=known.pod_identity.cluster_arn if known.pod_identity else None,
    )


def _operator(scope: Scope, cluster: str) -> str:
    """The role of the operator itself. Raises UnreachableError."""
    operator = operator_of(scope, cluster)
    if operator.aws_role_arn is None:
        raise UnreachableError(
            f"cluster {cluster} has EKS Pod Identity, which gives the operator its own role and no workload's",
            f"name that role in `clusters.{cluster}.external_secrets.aws_role_arn`, or use irsa",
        )
    if operator.api_version == "v1beta1":
        raise UnreachableError(
            f"the operator of cluster {cluster} (v1beta1) does not tell AWS for which namespace it asks",
            "use irsa, or a newer operator",
        )
    if flaw := out_of_reach(scope, operator.aws_role_arn):
        raise UnreachableError(f"the operator's role of cluster {cluster} {flaw[0]}", flaw[1])
    if not is_here(scope, operator.aws_role_arn):
        raise UnreachableError(
            f"the operator's role of cluster {cluster} belongs to account {operator.aws_role_arn.split(':')[4]}",
            f"name the role that EKS Pod Identity gives it in {place_of(scope).account}, or use irsa",
        )
    return operator.aws_role_arn
