"""Who may assume a workload's role: that workload, and nobody who looks like it."""

from typing import Any

import pytest

from strongroom.access.aws.decide import Policies
from strongroom.access.aws.statement import Statement, parse
from strongroom.aws.iam import trust
from strongroom.aws.iam.limits import LimitError
from support.iam import ACCOUNT, OTHER_ACCOUNT, REGION, ROLE, answer
from support.service_authorization import complaints

CLUSTER = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/prod-eu"
OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.eks.{REGION}.amazonaws.com/id/ABC123"
OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/external-secrets"
GITHUB = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{trust.GITHUB_ISSUER}"


def _assumed(statement: Statement, by: str, action: str = "sts:AssumeRole", **context: Any) -> str:
    policies = Policies(resource=parse("trust", trust.document([statement])))
    return answer(policies, action, ROLE, by, **context)


def _pod(**changes: str) -> str:
    said = {
        "aws__SourceAccount": ACCOUNT,
        "aws__SourceArn": CLUSTER,
        "aws__RequestTag/kubernetes-namespace": "shop",
        "aws__RequestTag/kubernetes-service-account": "web",
    }
    found = {
        _assumed(
            trust.pod_identity("shop", "web", cluster_arns=(CLUSTER,)),
            "pods.eks.amazonaws.com",
            action,
            **said | changes,
        )
        for action in ("sts:AssumeRole", "sts:TagSession")
    }
    assert len(found) == 1, "both or none: EKS always sets tags"
    return found.pop()


def test_pod_identity_admits_one_service_account_of_one_cluster() -> None:
    assert _pod() == "allowed"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("aws__SourceAccount", OTHER_ACCOUNT),
        ("aws__SourceArn", CLUSTER.replace("prod-eu", "staging-eu")),
        ("aws__SourceArn", CLUSTER + "2"),
        ("aws__RequestTag/kubernetes-namespace", "billing"),
        ("aws__RequestTag/kubernetes-service-account", "web2"),
        ("aws__RequestTag/kubernetes-service-account", "default"),
    ],
)
def test_pod_identity_refuses_another_cluster_namespace_or_account(key: str, value: str) -> None:
    assert _pod(**{key: value}) == "denied"


def _operator(**changes: str) -> str:
    said = {
        "aws__RequestTag/esoStoreKind": "SecretStore",
        "aws__RequestTag/esoNamespace": "shop",
        "aws__RequestTag/esoStoreName": "web-aws",
        "aws__PrincipalTag/eks-cluster-arn": CLUSTER,
    }
    statement = trust.external_secrets(
        "shop", ("web-aws", "web-parameters"), operator_arn=OPERATOR, cluster_arns=(CLUSTER,)
    )
    found = {_assumed(statement, OPERATOR, action, **said | changes) for action in ("sts:AssumeRole", "sts:TagSession")}
    assert len(found) == 1
    return found.pop()


def test_the_external_secrets_operator_takes_a_role_for_its_own_stores_only() -> None:
    assert _operator() == _operator(**{"aws__RequestTag/esoStoreName": "web-parameters"}) == "allowed"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("aws__RequestTag/esoNamespace", "billing"),
        ("aws__RequestTag/esoStoreName", "other-aws"),
        ("aws__RequestTag/esoStoreKind", "ClusterSecretStore"),
        ("aws__PrincipalTag/eks-cluster-arn", CLUSTER.replace("prod-eu", "staging-eu")),
    ],
)
def test_a_store_of_another_cluster_namespace_name_or_kind_is_given_nothing(key: str, value: str) -> None:
    assert _operator(**{key: value}) == "denied"


def test_an_operator_that_does_not_say_for_whom_it_asks_is_refused() -> None:
    statement = trust.external_secrets("shop", ("web-aws",), operator_arn=OPERATOR, cluster_arns=(CLUSTER,))
    assert _assumed(statement, OPERATOR) == "denied"


def _token(statement: Statement, provider: str, sub: str, aud: str = trust.AUDIENCE) -> str:
    issuer = provider.partition(":oidc-provider/")[2]
    claims = {f"{issuer}__sub": sub, f"{issuer}__aud": aud}
    return _assumed(statement, provider, "sts:AssumeRoleWithWebIdentity", **claims)


def test_irsa_admits_one_service_account_with_a_token_for_sts() -> None:
    statement = trust.irsa("system:serviceaccount:shop:web", provider_arn=OIDC)
    assert _token(statement, OIDC, "system:serviceaccount:shop:web") == "allowed"
    for sub in ("system:serviceaccount:shop:web2", "system:serviceaccount:billing:web", "system:serviceaccount:shop:*"):
        assert _token(statement, OIDC, sub) == "denied"
    assert _token(statement, OIDC, "system:serviceaccount:shop:web", aud="vault") == "denied"
    other = OIDC.replace("ABC123", "DEF456")
    assert _token(statement, other, "system:serviceaccount:shop:web") == "denied"
    assert _assumed(statement, OIDC, "sts:AssumeRoleWithWebIdentity") == "denied", "a token without these claims"


@pytest.mark.parametrize(
    "sub",
    [
        "repo:acme/shop:pull_request",
        "repo:acme/shop:ref:refs/heads/main",
        "repo:acme/shop:environment:staging",
        "repo:acme/shop:environment:prod-eu",
        "repo:acme/shop2:environment:prod",
        "repo:evil/shop:environment:prod",
        "repo:acme/shop:environment:*",
    ],
)
def test_github_actions_admits_one_environment_of_one_repository(sub: str) -> None:
    statement = trust.github_actions("repo:acme/shop:environment:prod", provider_arn=GITHUB)
    assert _token(statement, GITHUB, "repo:acme/shop:environment:prod") == "allowed"
    assert _token(statement, GITHUB, sub) == "denied"


@pytest.mark.parametrize("sub", ["repo:acme/*:environment:prod", "repo:acme/shop:ref:refs/heads/${aws:username}"])
def test_a_subject_is_compared_as_it_is_written(sub: str) -> None:
    statement = trust.github_actions(sub, provider_arn=GITHUB)
    assert _token(statement, GITHUB, sub) == "allowed"
    assert _token(statement, GITHUB, "repo:acme/shop:environment:prod") == "denied"


def test_in_china_a_token_is_for_sts_by_either_name() -> None:
    provider = GITHUB.replace("arn:aws:", "arn:aws-cn:")
    of_china = trust.irsa("system:serviceaccount:shop:web", provider_arn=provider).condition[0]
    assert of_china.values == ("sts.amazonaws.com", "sts.amazonaws.com.cn")
    assert trust.irsa("s", provider_arn=GITHUB).condition[0].values == ("sts.amazonaws.com",)


def test_ecs_tasks_are_those_of_the_account_and_region() -> None:
    statement = trust.ecs_tasks(partition="aws", region=REGION, account=ACCOUNT)
    task = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/prod/0123456789abcdef"

    def asked(account: str, arn: str) -> str:
        return _assumed(statement, "ecs-tasks.amazonaws.com", aws__SourceAccount=account, aws__SourceArn=arn)

    assert asked(ACCOUNT, task) == "allowed"
    assert asked(OTHER_ACCOUNT, task.replace(ACCOUNT, OTHER_ACCOUNT)) == "denied"
    assert asked(ACCOUNT, task.replace(REGION, "us-east-1")) == "denied"


def test_instances_and_functions_are_admitted_by_their_service_alone() -> None:
    assert _assumed(trust.ec2(partition="aws"), "ec2.amazonaws.com") == "allowed"
    assert _assumed(trust.ec2(partition="aws-cn"), "ec2.amazonaws.com.cn") == "allowed"
    assert _assumed(trust.lambda_function(), "lambda.amazonaws.com") == "allowed"
    for stranger in (
        "ecs-tasks.amazonaws.com",
        f"arn:aws:iam::{ACCOUNT}:user/alice",
        f"arn:aws:iam::{OTHER_ACCOUNT}:root",
    ):
        assert _assumed(trust.ec2(partition="aws"), stranger) == "denied"


def test_what_is_no_provider_of_tokens_is_refused() -> None:
    with pytest.raises(ValueError, match="is no OIDC provider of IAM"):
        trust.irsa("system:serviceaccount:shop:web", provider_arn=ROLE)


def test_all_that_trust_policies_say_is_in_awss_own_table() -> None:
    statements = [
        trust.pod_identity("shop", "web", cluster_arns=(CLUSTER,)),
        trust.irsa("system:serviceaccount:shop:web", provider_arn=OIDC),
        trust.github_actions("repo:acme/shop:environment:prod", provider_arn=GITHUB),
        trust.external_secrets("shop", ("web-aws",), operator_arn=OPERATOR, cluster_arns=(CLUSTER,)),
        trust.ecs_tasks(partition="aws", region=REGION, account=ACCOUNT),
        trust.ec2(partition="aws"),
        trust.lambda_function(),
    ]
    assert complaints(parse("trust", trust.document(statements))) == []


def test_clusters_with_pod_identity_share_a_statement() -> None:
    second = CLUSTER.replace("prod-eu", "prod-us")
    policies = Policies(
        resource=parse("t", trust.document([trust.pod_identity("shop", "web", cluster_arns=(CLUSTER, second))]))
    )
    said = {
        "aws__SourceAccount": ACCOUNT,
        "aws__RequestTag/kubernetes-namespace": "shop",
        "aws__RequestTag/kubernetes-service-account": "web",
    }
    for cluster, expected in ((CLUSTER, "allowed"), (second, "allowed"), (CLUSTER + "3", "denied")):
        asked = answer(policies, "sts:AssumeRole", ROLE, "pods.eks.amazonaws.com", aws__SourceArn=cluster, **said)
        assert asked == expected


def test_a_trust_policy_that_iam_does_not_take_is_refused() -> None:
    many = [trust.irsa("system:serviceaccount:shop:web", provider_arn=f"{OIDC}{number}") for number in range(8)]
    with pytest.raises(LimitError, match=r"has \d{4} characters, and IAM takes 2048: have clusters use pod_identity"):
        trust.document(many)
