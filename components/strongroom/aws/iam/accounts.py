"""Whether whom and what an environment names in IAM is known in the account where its roles are."""

from collections.abc import Iterator
from typing import Final

from strongroom.aws.iam.arns import environment_of
from strongroom.aws.iam.grants import iam_of, is_here
from strongroom.aws.iam.spec import AwsIam
from strongroom.aws.place import place_of
from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc

Flaw = tuple[str, str]
"""What is wrong, and the remedy."""

_PROVIDER: Final = (
    "and roles only trust what is in their own, {own}",
    "name one of this account; of a cluster elsewhere, make the issuer an OIDC provider here, and use irsa",
)
_OPERATOR: Final = (
    "and only roles and users of {own} write values",
    "name a role of this account, which they assume",
)
_READER: Final = ("and only roles and users of {own} read values", _OPERATOR[1])
_BOUNDARY: Final = ("and the boundary of a role to its own, {own}, or to AWS", "name a policy of this account")


def flaws(scope: Scope) -> Iterator[tuple[Loc, Flaw]]:
    """Where in `aws.iam` something is named that belongs elsewhere."""
    place = place_of(scope)
    for loc, arn, (why, remedy) in _named(iam_of(scope)):
        account = arn.split(":")[4]
        if found := out_of_reach(scope, arn):
            yield loc, found
        elif account != place.account and not (account == "aws" and ":policy/" in arn):
            yield loc, (f"belongs to account {account}, {why.format(own=place.account)}", remedy)


def out_of_reach(scope: Scope, arn: str) -> Flaw | None:
    """What is wrong with an ARN of another partition, where nothing of this one is known, or with a role of this
    account that is made for a workload of another environment."""
    partition, own = arn.split(":")[1], place_of(scope).partition
    if partition != own:
        return f"is in {partition}, and the account in {own}", f"write arn:{own}:…"
    environment = environment_of(arn)
    if environment in (None, scope.name) or not is_here(scope, arn):
        return None
    return (
        f"is a role of environment {environment}, and environments cannot reach each other",
        "name one that is no other environment's",
    )


def _named(iam: AwsIam) -> Iterator[tuple[Loc, str, Flaw]]:
    """The ARNs of `aws.iam`, why each has to be of this account, and what to do if it is not."""
    for name, cluster in iam.clusters.items():
        if pod := cluster.pod_identity:
            yield ("clusters", name, "pod_identity", "cluster_arn"), pod.cluster_arn, _PROVIDER
        if irsa := cluster.irsa:
            yield ("clusters", name, "irsa", "oidc_provider_arn"), irsa.oidc_provider_arn, _PROVIDER
    if iam.github_actions and (provider := iam.github_actions.oidc_provider_arn):
        yield ("github_actions", "oidc_provider_arn"), provider, _PROVIDER
    for position, arn in enumerate(iam.operators):
        yield ("operators", position), arn, _OPERATOR
    for position, arn in enumerate(iam.break_glass):
        yield ("break_glass", position), arn, _READER
    if iam.permissions_boundary_arn:
        yield ("permissions_boundary_arn",), iam.permissions_boundary_arn, _BOUNDARY


def principals(scope: Scope) -> dict[str, Loc]:
    """The roles and users that the environment file names as workloads, and where."""
    return {arn: ("aws", "iam", "principals", name) for name, arn in iam_of(scope).principals.items()}
