"""What files cannot tell about themselves in IAM: whether AWS knows a workload, and whether its rights fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from strongroom.aws.iam.accounts import flaws, out_of_reach
from strongroom.aws.iam.arns import environment_of
from strongroom.aws.iam.grants import (
    KINDS,
    iam_of,
    identities_of,
    is_here,
    principals_of,
    service_of,
    store_of,
    trust_of,
    verbs_of,
)
from strongroom.aws.iam.limits import LimitError
from strongroom.aws.iam.names import role_name
from strongroom.aws.iam.plan import AwsPodIdentity, AwsWorkloadRole, of_secret, of_workload
from strongroom.plan.cloud_stores import unknown_workloads
from strongroom.plan.scope import Key, Scope
from strongroom.spec.problems import Problem

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


_NOT_OURS: Final = ("aws-reserved", "aws-service-role")
"""Paths of roles of IAM Identity Center and of services: IAM, "UnmodifiableEntity"."""


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of workloads and secrets in AWS."""
    if scope.environment.aws is None:
        return
    yield from (sources.environment.problem(("aws", "iam", *loc), *found) for loc, found in flaws(scope))
    yield from unknown_workloads(sources, ("aws", "iam", "principals"), iam_of(scope).principals)
    names: dict[str, Key] = {}
    pods: dict[AwsPodIdentity, Key] = {}
    for workload in scope.workloads:
        if not (verbs := verbs_of(scope, workload)):
            continue
        team, name = workload
        source, loc = sources.catalogs[team], ("workloads", name)
        found = list(_of_workload(scope, workload, verbs))
        yield from (source.problem((*loc, "runs_as"), what, remedy) for what, remedy in found)
        role = role_name(scope.name, team, name)
        if (other := names.setdefault(role, workload)) != workload:
            yield source.problem(
                loc, f"has the role {role}, as has {'/'.join(other)}", "rename one of them", at_key=True
            )
        if not found:
            try:
                records = of_workload(scope, workload)
            except LimitError as error:
                yield source.problem(loc, *error.flaw, at_key=True)
                continue
            for pod in (pod for role in records if isinstance(role, AwsWorkloadRole) for pod in role.pod_identities):
                if (other := pods.setdefault(pod, workload)) != workload:
                    yield source.problem(
                        (*loc, "runs_as"),
                        f"is service account {pod.namespace}/{pod.service_account} of cluster {pod.cluster}, as is "
                        f"{'/'.join(other)}; EKS Pod Identity gives a service account one role",
                        "grant all of it to one workload, or give each a service account",
                    )
    for secret in scope.secrets:
        try:
            of_secret(scope, secret)
        except LimitError as error:
            yield sources.catalogs[secret[0]].problem(("secrets", secret[1]), *error.flaw, at_key=True)


def _of_workload(scope: Scope, workload: Key, verbs: dict[Key, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    iam, first = iam_of(scope), "/".join(next(iter(verbs)))
    kinds = [identity.kind for identity in identities_of(scope, workload)]
    if principals_of(scope, workload) or trust_of(scope, workload):
        pass
    elif not kinds:
        given = ", ".join(login.runs_as.kind for login in scope.workloads[workload].logins)
        yield (
            f"is granted {first}, which {scope.name} keeps in AWS, and {given} is no identity there",
            f"say who it is in `aws.iam.principals`, let it run as one of {', '.join(KINDS)}, or keep it elsewhere",
        )
    elif "kubernetes" in kinds and not iam.clusters:
        yield (
            f"is granted {first}, which {scope.name} keeps in AWS, and AWS knows no cluster there",
            "declare `aws.iam.clusters` in the environment file",
        )
    elif "github_actions" in kinds and not iam.github_actions:
        yield (
            f"is granted {first}, which {scope.name} keeps in AWS, and AWS does not know GitHub there",
            "declare `aws.iam.github_actions` in the environment file",
        )
    for arn in principals_of(scope, workload):
        if (kept := arn.split("/")[1]) in _NOT_OURS and is_here(scope, arn):
            yield (
                f"is {arn}, which AWS keeps itself and lets nobody change",
                f"let it be a role of yours, and not one below {kept}/",
            )
        if found := out_of_reach(scope, arn):
            what, remedy = found
            yield f"is {arn}, which {what}", remedy
        elif is_here(scope, arn) and environment_of(arn):
            yield f"is {arn}, which is a role that is made for a workload", "grant it to that workload"
        elif not is_here(scope, arn):
            for secret, granted in verbs.items():
                yield from _from_elsewhere(scope, secret, granted, arn.split(":")[4])


def _from_elsewhere(scope: Scope, secret: Key, granted: tuple[str, ...], account: str) -> Iterator[tuple[str, str]]:
    """What another account cannot be given."""
    what = f"is in account {account}, and {'/'.join(secret)}"
    if service_of(scope, secret) != "secretsmanager":
        yield f"{what} is kept in Parameter Store, which serves its own account", "keep it in Secrets Manager"
    elif store_of(scope, secret).kms_key is None:
        yield (
            f"{what} is encrypted with AWS's own key, which no other account can use",
            "declare a key in `aws.keys`, and name it as the store's `kms_key`",
        )
    if granted != ("read",):
        yield f"{what} may be read from there, and no more", "grant only `read`, or a role of this account"
