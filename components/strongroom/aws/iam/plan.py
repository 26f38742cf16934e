"""IAM: a role for each workload that reads or writes secrets in AWS, what it may do, and each secret's own policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from strongroom.aws.iam import trust
from strongroom.aws.iam.arns import role_arn, role_path
from strongroom.aws.iam.grants import (
    accesses,
    holders_of,
    iam_of,
    identities_of,
    is_here,
    principals_of,
    role_pattern,
    rotators_of,
    service_of,
    sharing,
    trust_of,
)
from strongroom.aws.iam.limits import ATTACHED, INLINE_OF_ROLE, INLINE_OF_USER, documents
from strongroom.aws.iam.names import policy_name, role_name
from strongroom.aws.iam.secret_policy import Admitted, secret_policy
from strongroom.aws.place import AwsPlace, place_of
from strongroom.plan import naming
from strongroom.plan.record import Record
from strongroom.plan.scope import Key, Scope, remembered

if TYPE_CHECKING:
    from strongroom.plan.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsPodIdentity:
    """An association of EKS: pods of one service account of one cluster are given a role."""

    cluster: str
    region: str
    namespace: str
    service_account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsWorkloadRole(Record):
    """The role of a workload. In documents, `<name>` stands for the id of a key of `aws.keys`."""

    kind: ClassVar[str] = "aws.iam.role"
    place: AwsPlace
    workload: str
    """`team/workload`."""
    name: str
    path: str
    trust_policy: str
    inline_policy: str | None
    managed_policies: tuple[str, ...]
    """Where an inline one would be too long."""
    max_session_duration_seconds: int
    permissions_boundary_arn: str | None
    instance_profile: bool
    """Whether EC2 instances get it."""
    pod_identities: tuple[AwsPodIdentity, ...]

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsPrincipalPolicy(Record):
    """What a role or user may do that was there before."""

    kind: ClassVar[str] = "aws.iam.principal_policy"
    place: AwsPlace
    workload: str
    """`team/workload`."""
    principal_arn: str
    name: str
    """Of the policy; managed ones have a number behind it."""
    path: str
    """Of managed policies."""
    inline_policy: str | None
    managed_policies: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.name} {self.principal_arn}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsSecretPolicy(Record):
    """The policy that hangs on a secret of Secrets Manager."""

    kind: ClassVar[str] = "aws.iam.secret_policy"
    place: AwsPlace
    secret: str
    """`team/secret`."""
    policy: str

    @property
    def key(self) -> str:
        return self.secret


def plan(scope: Scope) -> Iterator[Record]:
    if scope.environment.aws is None:
        return
    for workload in scope.workloads:
        yield from of_workload(scope, workload)
    for secret in scope.secrets:
        yield from of_secret(scope, secret)


def roles(plan: Plan) -> dict[str, str]:
    """The ARN of the role of each workload: for annotations of service accounts, task definitions, CI."""
    return {
        role.workload: role_arn(role.place.partition, role.place.account, role.path, role.name)
        for role in plan.of(AwsWorkloadRole)
    }


@remembered
def of_workload(scope: Scope, workload: Key) -> tuple[Record, ...]:
    """The role of one workload, and policies of its principals. Raises LimitError."""
    return tuple(_of_workload(scope, workload))


def _of_workload(scope: Scope, workload: Key) -> Iterator[Record]:
    team, name = workload
    if not (may := accesses(scope, workload)):
        return
    iam, place = iam_of(scope), place_of(scope)
    if statements := trust_of(scope, workload):
        found = documents(may)
        yield AwsWorkloadRole(
            slice=team,
            place=place,
            workload=f"{team}/{name}",
            name=role_name(scope.name, team, name),
            path=role_path(scope.name),
            trust_policy=trust.document(statements),
            inline_policy=found.inline,
            managed_policies=found.managed,
            max_session_duration_seconds=iam.max_session_duration,
            permissions_boundary_arn=iam.permissions_boundary_arn,
            instance_profile=any(
                identity.aws_service is not None and identity.aws_service.service == "ec2"
                for identity in identities_of(scope, workload)
            ),
            pod_identities=tuple(_associations(scope, workload)),
        )
    here = [arn for arn in principals_of(scope, workload) if is_here(scope, arn)]
    alone = len(here) == 1 and not trust_of(scope, workload)
    for arn in here:
        room = INLINE_OF_USER if ":user/" in arn else INLINE_OF_ROLE
        found = documents(may, inline_limit=room // sharing(scope)[arn], attached_limit=ATTACHED // sharing(scope)[arn])
        yield AwsPrincipalPolicy(
            slice=team,
            place=place,
            workload=f"{team}/{name}",
            principal_arn=arn,
            name=naming.policy_of(scope.name, team, name) if alone else policy_name(scope.name, team, name, arn),
            path=role_path(scope.name),
            inline_policy=found.inline,
            managed_policies=found.managed,
        )


def _associations(scope: Scope, workload: Key) -> Iterator[AwsPodIdentity]:
    for identity in identities_of(scope, workload):
        for cluster in iam_of(scope).clusters.values():
            if (pod := identity.kubernetes) and cluster.pod_identity:
                _, _, _, region, _, name = cluster.pod_identity.cluster_arn.split(":")
                yield AwsPodIdentity(
                    cluster=name.removeprefix("cluster/"),
                    region=region,
                    namespace=pod.namespace,
                    service_account=pod.service_account,
                )


@remembered
def of_secret(scope: Scope, secret: Key) -> tuple[AwsSecretPolicy, ...]:
    """The policy of one secret, if there is anything to say. Raises LimitError."""
    return tuple(_of_secret(scope, secret))


def _of_secret(scope: Scope, secret: Key) -> Iterator[AwsSecretPolicy]:
    if service_of(scope, secret) != "secretsmanager":
        return
    iam = iam_of(scope)
    readers, writers = holders_of(scope, secret, "read"), holders_of(scope, secret, "write")
    rotators = rotators_of(scope, secret)
    local = [arn for arn in readers if is_here(scope, arn)]
    policy = secret_policy(
        Admitted(
            readers=tuple(dict.fromkeys([*local, *rotators, *iam.operators, *iam.break_glass])),
            writers=tuple(dict.fromkeys([*writers, *rotators, *iam.operators])),
            other_accounts=tuple(arn for arn in readers if not is_here(scope, arn)),
            closed=bool(iam.operators),
            role_pattern=role_pattern(scope),
        )
    )
    if policy:
        team, name = secret
        yield AwsSecretPolicy(slice=team, place=place_of(scope), secret=f"{team}/{name}", policy=policy)
