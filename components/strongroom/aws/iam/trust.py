"""Who may assume a workload's role: the platform that runs it, for exactly this workload. No pattern names anybody."""

from typing import Final

from strongroom.access.aws.statement import Condition, Principals, Statement, text
from strongroom.aws.iam.limits import TRUST, LimitError

GITHUB_ISSUER: Final = "token.actions.githubusercontent.com"
CLUSTER_TAG: Final = "eks-cluster-arn"
"""Amazon EKS, "Grant Pods access to AWS resources based on tags": session tags that EKS Pod Identity adds."""
AUDIENCE: Final = "sts.amazonaws.com"
"""What a token is for: AWS STS. In China tools ask for this one or for that with `.cn`, by their version."""


def pod_identity(namespace: str, service_account: str, *, cluster_arns: tuple[str, ...]) -> Statement:
    """Pods of one service account of these EKS clusters, by the association that each has: Amazon EKS, "Create IAM role
    with trust policy required by EKS Pod Identity". The tags are set by EKS, not by the pod."""
    return _service(
        "pods.eks.amazonaws.com",
        Condition("StringEquals", "aws:SourceAccount", tuple(sorted({_account(arn) for arn in cluster_arns}))),
        Condition("StringEquals", "aws:RequestTag/kubernetes-namespace", (_literal(namespace),)),
        Condition("StringEquals", "aws:RequestTag/kubernetes-service-account", (_literal(service_account),)),
        Condition("ArnEquals", "aws:SourceArn", cluster_arns),
        actions=("sts:AssumeRole", "sts:TagSession"),
    )


def irsa(subject: str, *, provider_arn: str) -> Statement:
    """Pods of one service account (`system:serviceaccount:<namespace>:<name>`) with a token of their cluster: Amazon
    EKS, "IAM roles for service accounts"."""
    return _token(provider_arn, subject)


def external_secrets(
    namespace: str, stores: tuple[str, ...], *, operator_arn: str, cluster_arns: tuple[str, ...]
) -> Statement:
    """The operator of these EKS clusters, where it reads for SecretStores of these names in one namespace. The tags of
    the request are set by the operator (`sessionTagsPolicy`), not by who writes a store: External Secrets Operator,
    "AWS Authentication". That of its own session is set by EKS: one role may be that of operators in several clusters,
    where other people have a namespace of this name."""
    return _allow(
        (("AWS", (operator_arn,)),),
        ("sts:AssumeRole", "sts:TagSession"),
        (
            Condition("StringEquals", "aws:RequestTag/esoStoreKind", ("SecretStore",)),
            Condition("StringEquals", "aws:RequestTag/esoNamespace", (_literal(namespace),)),
            Condition("StringEquals", "aws:RequestTag/esoStoreName", tuple(map(_literal, stores))),
            Condition("StringEquals", f"aws:PrincipalTag/{CLUSTER_TAG}", cluster_arns),
        ),
    )


def github_actions(subject: str, *, provider_arn: str) -> Statement:
    """Jobs of one repository and environment or ref: GitHub, "Configuring OpenID Connect in Amazon Web Services"."""
    return _token(provider_arn, subject)


def ecs_tasks(*, partition: str, region: str, account: str) -> Statement:
    """Tasks of one account and region. ECS does not tell clusters apart here; which tasks have the role is said by
    their task definition, and by who may pass it (`iam:PassRole`): Amazon ECS, "Task IAM role"."""
    return _service(
        "ecs-tasks.amazonaws.com",
        Condition("StringEquals", "aws:SourceAccount", (account,)),
        Condition("ArnLike", "aws:SourceArn", (f"arn:{partition}:ecs:{region}:{account}:*",)),
    )


def ec2(*, partition: str) -> Statement:
    """Instances with the role's profile. AWS documents no condition that says whose; only who may pass the role can
    give it to an instance: Amazon EC2, "IAM roles for Amazon EC2"."""
    return _service("ec2.amazonaws.com.cn" if partition == "aws-cn" else "ec2.amazonaws.com")


def lambda_function() -> Statement:
    """Functions with this execution role. As for EC2, AWS documents no condition on the trust of such a role: AWS
    Lambda, "Defining Lambda function permissions with an execution role"."""
    return _service("lambda.amazonaws.com")


def document(statements: list[Statement]) -> str:
    """The trust policy of a role. Raises LimitError."""
    found = text(statements)
    if len(found) > TRUST:
        raise LimitError(
            f"the trust policy of its role has {len(found)} characters, and IAM takes {TRUST}: have clusters use "
            "pod_identity, which takes less than irsa, or declare a workload for each way to run"
        )
    return found


def _service(name: str, *conditions: Condition, actions: tuple[str, ...] = ("sts:AssumeRole",)) -> Statement:
    return _allow((("Service", (name,)),), actions, conditions)


def _token(provider_arn: str, subject: str) -> Statement:
    issuer = provider_arn.partition(":oidc-provider/")[2]
    if not issuer:
        raise ValueError(
            f"{provider_arn} is no OIDC provider of IAM: write it as arn:aws:iam::111122223333:oidc-provider/…"
        )
    audiences = (AUDIENCE, f"{AUDIENCE}.cn") if provider_arn.startswith("arn:aws-cn:") else (AUDIENCE,)
    conditions = (
        Condition("StringEquals", f"{issuer}:aud", audiences),
        Condition("StringEquals", f"{issuer}:sub", (_literal(subject),)),
    )
    return _allow((("Federated", (provider_arn,)),), ("sts:AssumeRoleWithWebIdentity",), conditions)


def _allow(principal: Principals, actions: tuple[str, ...], conditions: tuple[Condition, ...]) -> Statement:
    return Statement(effect="Allow", principal=principal, action=actions, condition=conditions)


def _account(arn: str) -> str:
    return arn.split(":")[4]


def _literal(text: str) -> str:
    """A text in which `${` begins no variable. StringEquals knows no wildcards."""
    return text.replace("${", "${$}{")
