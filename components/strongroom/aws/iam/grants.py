"""What the grants of an environment say about AWS: which workload may do what with which secret there, and as whom."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from strongroom.access.aws.statement import Statement
from strongroom.aws.iam import trust
from strongroom.aws.iam.arns import role_arn, role_path, service_linked_roles
from strongroom.aws.iam.document import ACTIONS, Access, Service
from strongroom.aws.iam.names import role_name, rotation_role_name
from strongroom.aws.iam.spec import AwsIam
from strongroom.aws.kms.key_ids import stand_in
from strongroom.aws.parameter_store import plan as parameter_store
from strongroom.aws.place import place_of
from strongroom.aws.secrets_manager import plan as secrets_manager
from strongroom.external_secrets.delivered import by_workload, store_name
from strongroom.plan.scope import Key, Scope, remembered
from strongroom.spec.identity import Identity

SERVICES: Final[Mapping[str, Service]] = {secrets_manager.KIND: "secretsmanager", parameter_store.KIND: "ssm"}
"""Kind of store -> the service it is."""
KINDS: Final = ("kubernetes", "github_actions", "aws_service", "aws_iam")
"""Kinds of identity that AWS knows."""


def iam_of(scope: Scope) -> AwsIam:
    """What the environment says about who is who, or that it says nothing."""
    aws = scope.environment.aws
    return aws.iam if aws and aws.iam else AwsIam()


@remembered
def service_of(scope: Scope, secret: Key) -> Service | None:
    """The service of AWS that keeps a secret; None if it lies elsewhere."""
    declared = scope.secrets[secret]
    name = declared.store or scope.environment.default_store or ""
    store = scope.environment.stores.get(name) if declared.fields else None
    return SERVICES.get(store.kind) if store else None


def store_of(scope: Scope, secret: Key) -> Any:
    """What the environment file says of the store that keeps a secret."""
    return scope.store_of(scope.secrets[secret])[1].value


@remembered
def verbs_of(scope: Scope, workload: Key) -> dict[Key, tuple[str, ...]]:
    """The verbs of a workload on each secret that AWS keeps, in order of the secrets."""
    found: dict[Key, set[str]] = {}
    for grant in scope.grants_of[workload]:
        if service_of(scope, grant.secret):
            found.setdefault(grant.secret, set()).update(grant.can)
    return {secret: tuple(verb for verb in ACTIONS["ssm"] if verb in verbs) for secret, verbs in found.items()}


def accesses(scope: Scope, workload: Key) -> list[Access]:
    """What one workload may do in AWS."""
    searched = {found.secret for found in by_workload(scope).get(workload, ()) if found.searches}
    return [access(scope, secret, verbs, secret in searched) for secret, verbs in verbs_of(scope, workload).items()]


def access(scope: Scope, secret: Key, verbs: tuple[str, ...], searched: bool = False) -> Access:
    """What some verbs on one secret mean. `searched`: its parameters are found by their path."""
    service, store, place = service_of(scope, secret), store_of(scope, secret), place_of(scope)
    assert service is not None
    at: dict[str, Any] = {"partition": place.partition, "account": place.account, "region": place.region}
    key_id = stand_in(store.kms_key) if store.kms_key else None
    if service == "secretsmanager":
        name = secrets_manager.name_of(scope, secret, store)
        return Access(service=service, names=(name,), verbs=verbs, replicas=store.replicas, key_id=key_id, **at)
    path = parameter_store.name_of(scope, secret, store)
    names = tuple(f"{path}/{field}" for field in scope.secrets[secret].fields)
    below = path if searched else None
    return Access(service=service, names=names, verbs=verbs, key_id=key_id, tier=store.tier, found_below=below, **at)


def identities_of(scope: Scope, workload: Key) -> list[Identity]:
    """Those of a workload's identities that AWS knows, each once: one account may log in at several auth methods."""
    found: list[Identity] = []
    for login in scope.workloads[workload].logins:
        if login.runs_as.kind in KINDS and login.runs_as not in found:
            found.append(login.runs_as)
    return found


@remembered
def trust_of(scope: Scope, workload: Key) -> list[Statement]:
    """Who may assume the role of a workload; empty: it needs none, or nothing in the environment runs it."""
    own = [statement for identity in identities_of(scope, workload) for statement in _trust(scope, identity)]
    return [*own, *_operators(scope, workload)]


def _trust(scope: Scope, identity: Identity) -> Iterator[Statement]:
    iam, place = iam_of(scope), place_of(scope)
    if pod := identity.kubernetes:
        clusters = tuple(c.pod_identity.cluster_arn for c in iam.clusters.values() if c.pod_identity)
        if clusters:
            yield trust.pod_identity(pod.namespace, pod.service_account, cluster_arns=clusters)
        for cluster in iam.clusters.values():
            if cluster.irsa:
                yield trust.irsa(pod.subject, provider_arn=cluster.irsa.oidc_provider_arn)
    if (job := identity.github_actions) and iam.github_actions:
        default = f"arn:{place.partition}:iam::{place.account}:oidc-provider/{trust.GITHUB_ISSUER}"
        yield trust.github_actions(job.sub, provider_arn=iam.github_actions.oidc_provider_arn or default)
    match identity.aws_service and identity.aws_service.service:
        case "ecs-tasks":
            yield trust.ecs_tasks(partition=place.partition, region=place.region, account=place.account)
        case "ec2":
            yield trust.ec2(partition=place.partition)
        case "lambda":
            yield trust.lambda_function()


def _operators(scope: Scope, workload: Key) -> Iterator[Statement]:
    """The External Secrets Operator of clusters whose pods have roles by EKS Pod Identity: it has one of its own."""
    stores: dict[tuple[str, str, str], set[str]] = {}
    for found in by_workload(scope).get(workload, ()):
        cluster, operator = iam_of(scope).clusters.get(found.cluster), operator_role(scope, found.cluster)
        if cluster and cluster.pod_identity and operator and service_of(scope, found.secret):
            asks = (operator, found.account.namespace, cluster.pod_identity.cluster_arn)
            stores.setdefault(asks, set()).add(store_name(scope, found))
    clusters: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (operator, namespace, arn), names in sorted(stores.items()):
        clusters.setdefault((operator, namespace, tuple(sorted(names))), []).append(arn)
    for (operator, namespace, each), arns in sorted(clusters.items()):
        yield trust.external_secrets(namespace, each, operator_arn=operator, cluster_arns=tuple(arns))


def operator_role(scope: Scope, cluster: str) -> str | None:
    """The role of the External Secrets Operator of a cluster, if it is named."""
    operator = scope.environment.clusters[cluster].external_secrets
    return operator.aws_role_arn if operator else None


def principals_of(scope: Scope, workload: Key) -> list[str]:
    """The roles and users that a workload is and that were there before, here or in other accounts."""
    named = iam_of(scope).principals.get("/".join(workload))
    own = [identity.aws_iam.principal_arn for identity in identities_of(scope, workload) if identity.aws_iam]
    return list(dict.fromkeys([*([named] if named else []), *own]))


@remembered
def sharing(scope: Scope) -> Counter[str]:
    """How many workloads with rights in AWS are the same role or user: together they have the room of one."""
    return Counter(arn for key in scope.workloads if verbs_of(scope, key) for arn in principals_of(scope, key))


def is_here(scope: Scope, arn: str) -> bool:
    """Whether a role or user belongs to the environment's account."""
    return arn.split(":")[4] == place_of(scope).account


def role_pattern(scope: Scope) -> str:
    """All roles of the environment, as a pattern."""
    place = place_of(scope)
    return role_arn(place.partition, place.account, role_path(scope.name), "*")


@remembered
def arns_of(scope: Scope, workload: Key) -> list[str]:
    """The ARNs of all that a workload is in AWS: its own role, and what was there before."""
    place = place_of(scope)
    name = role_name(scope.name, *workload)
    own = [role_arn(place.partition, place.account, role_path(scope.name), name)] if trust_of(scope, workload) else []
    return [*own, *principals_of(scope, workload)]


def rotators_of(scope: Scope, secret: Key) -> list[str]:
    """The ARN of what rotates a secret by itself: the role of the function, or those of AWS's own services."""
    name = scope.secrets[secret].rotator or ""
    rotator, place = scope.environment.rotators.get(name), place_of(scope)
    if rotator is None:
        return []
    if rotator.kind == "aws_managed":
        return [service_linked_roles(place.partition, place.account)]
    if rotator.aws_function:
        return [rotator.aws_function.role_arn]
    if rotator.aws_application:
        return []  # AWS names its role
    return [role_arn(place.partition, place.account, role_path(scope.name), rotation_role_name(scope.name, name))]


def holders_of(scope: Scope, secret: Key, verb: str) -> list[str]:
    """The ARNs of whom a verb on a secret is granted to, each once, in order."""
    workloads = dict.fromkeys(grant.workload for grant in scope.grants_on[secret] if verb in grant.can)
    return list(dict.fromkeys(arn for workload in workloads for arn in arns_of(scope, workload)))
