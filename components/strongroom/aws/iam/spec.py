"""What people write about who is who in AWS."""

from typing import Annotated, ClassVar, Final, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.spec.model import Model, OneOf
from strongroom.spec.names import Duration, Name, WorkloadRef, check_characters, duration, refuse
from strongroom.vault.aws.arns import PolicyArn, PrincipalArn

SESSION_LEAST: Final = 3600
SESSION_MOST: Final = 12 * 3600
"""Seconds: IAM, "CreateRole", MaxSessionDuration."""


def _check_cluster(text: str) -> str:
    # Amazon EKS, "CreateCluster": names.
    pattern = r"^arn:aws[a-z-]*:eks:[a-z0-9-]+:[0-9]{12}:cluster/[0-9A-Za-z][A-Za-z0-9_-]{0,99}$"
    return check_characters(text, "the cluster's ARN", pattern, "A-Za-z0-9:/_-", 200)


def _check_provider(text: str) -> str:
    pattern = r"^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/[a-zA-Z0-9.-]+(/[A-Za-z0-9._-]+)*$"
    return check_characters(text, "the provider's ARN", pattern, "A-Za-z0-9:/._-", 255)


def _check_session(seconds: int) -> int:
    if not SESSION_LEAST <= seconds <= SESSION_MOST:
        raise refuse(f"sessions of {duration(seconds)} are not possible", "write 1h to 12h")
    return seconds


ProviderArn = Annotated[str, AfterValidator(_check_provider)]
"""One OIDC provider of IAM: `arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/ABC`."""


class PodIdentity(Model):
    """Pods are given roles by the EKS Pod Identity Agent, which the cluster runs. To be preferred: no tokens, and each
    workload's association is deployed with its role."""

    cluster_arn: Annotated[str, AfterValidator(_check_cluster)]
    """The cluster: `arn:aws:eks:eu-central-1:111122223333:cluster/prod`. It is in the environment's account."""


class Irsa(Model):
    """Pods show a token of their cluster ("IAM roles for service accounts"). The service account names the role in its
    annotation `eks.amazonaws.com/role-arn`."""

    oidc_provider_arn: ProviderArn
    """The cluster's issuer, as IAM knows it."""


class AwsCluster(OneOf):
    """A cluster whose service accounts are workloads; exactly one kind."""

    what: ClassVar[str] = "kind of cluster"

    pod_identity: PodIdentity | None = None
    """EKS Pod Identity."""
    irsa: Irsa | None = None
    """IAM roles for service accounts."""


class GithubProvider(Model):
    """GitHub Actions, whose tokens IAM knows."""

    oidc_provider_arn: ProviderArn | None = None
    """GitHub, as IAM knows it. Default: `token.actions.githubusercontent.com` in the environment's account."""


class AwsIam(Model):
    """Who is who in the account: where workloads come from, and people beside them."""

    clusters: dict[Name, AwsCluster] = Field(default_factory=dict)
    """The clusters of the environment. A workload with a Kubernetes service account may run in each."""
    github_actions: GithubProvider | None = None
    """GitHub Actions, if jobs are workloads."""
    principals: dict[WorkloadRef, PrincipalArn] = Field(default_factory=dict)
    """Who workloads are here that no platform gives an identity, by `team/workload`: a role or user that is
    there already.
    Catalogs stay the same, whatever their secrets are kept in."""
    operators: tuple[PrincipalArn, ...] = ()
    """Who writes values with `strongroom values`. With any, each secret's own policy refuses everybody but these,
    `break_glass`, and the workloads that are granted it, whatever other policies allow. Empty: left to IAM."""
    break_glass: tuple[PrincipalArn, ...] = ()
    """Who reads in an emergency, where `operators` closes secrets to others."""
    permissions_boundary_arn: PolicyArn | None = None
    """The most that workloads' roles may do, whatever their policies say. Default: none."""
    max_session_duration: Annotated[Duration, AfterValidator(_check_session)] = SESSION_LEAST
    """The longest session of workloads' roles: `1h` to `12h`."""

    @model_validator(mode="after")
    def _operators_first(self) -> Self:
        if self.break_glass and not self.operators:
            raise refuse(
                "break_glass opens what nothing has closed: without operators, secrets have no policy of their own",
                "name `operators`, or leave break_glass out",
            )
        return self
