"""Service accounts of the sandbox's cluster: made once, with tokens as pods get them, and one that reviews those."""

import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from kubernetes.client import AuthenticationV1Api, AuthorizationV1Api

from strongroom_sandbox import SandboxError
from strongroom_sandbox.servers import Etcd, KubeApiServer
from strongroom_sandbox.service_accounts import REVIEWER, REVIEWER_SECONDS, ServiceAccounts
from support.control_plane import ControlPlane

pytestmark = pytest.mark.engine


@pytest.fixture
def accounts(cluster: ControlPlane, tmp_path: Path) -> ServiceAccounts:
    """Those of the cluster, with a file of its own for the reviewer's token."""
    return ServiceAccounts(tmp_path, cluster.kube)


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def test_an_account_is_made_with_its_namespace_and_then_left_as_it_is(
    accounts: ServiceAccounts, cluster: ControlPlane
) -> None:
    namespace = cluster.namespace()
    accounts.ensure(namespace, "checkout")
    made = cluster.core.read_namespaced_service_account("checkout", namespace)
    accounts.ensure(namespace, "checkout")
    assert cluster.core.read_namespaced_service_account("checkout", namespace).metadata.uid == made.metadata.uid


def test_a_token_is_for_the_audience_that_is_asked_for_or_else_for_the_api_server(
    accounts: ServiceAccounts, cluster: ControlPlane
) -> None:
    namespace = cluster.namespace()
    accounts.ensure(namespace, "checkout")
    asked, plain = (claims(accounts.token(namespace, "checkout", *audiences)) for audiences in (("vault-sandbox",), ()))
    assert (asked["aud"], plain["aud"]) == (["vault-sandbox"], [cluster.kube.issuer])
    assert asked["sub"] == f"system:serviceaccount:{namespace}:checkout"
    assert asked["exp"] - asked["iat"] == 600


def test_the_reviewer_may_ask_about_tokens_and_nothing_about_secrets(
    accounts: ServiceAccounts, cluster: ControlPlane
) -> None:
    namespace = cluster.namespace()
    accounts.ensure(namespace, "checkout")
    with cluster.client_with(accounts.reviewer_token()) as client:
        review = {"spec": {"token": accounts.token(namespace, "checkout", "a"), "audiences": ["a"]}}
        status = AuthenticationV1Api(client).create_token_review(review).status
        assert status.user.username == f"system:serviceaccount:{namespace}:checkout"
        rules = AuthorizationV1Api(client).create_self_subject_rules_review({"spec": {"namespace": namespace}}).status
        may = {resource for rule in rules.resource_rules for resource in rule.resources}
        assert {"tokenreviews", "subjectaccessreviews"} <= may
        assert not may & {"*", "secrets", "serviceaccounts", "serviceaccounts/token"}


def test_the_reviewers_token_stays_the_same_in_a_file_of_its_owner(accounts: ServiceAccounts) -> None:
    token = accounts.reviewer_token()
    assert accounts.reviewer_token() == token == accounts.reviewer_file.read_text()
    assert accounts.reviewer_file.stat().st_mode & 0o777 == 0o600
    assert claims(token)["exp"] - claims(token)["iat"] == REVIEWER_SECONDS


def test_it_is_renewed_when_half_of_its_lifetime_is_over(accounts: ServiceAccounts, cluster: ControlPlane) -> None:
    accounts.reviewer_token()
    soon = cluster.token(*REVIEWER, seconds=int(REVIEWER_SECONDS / 2) - 60)
    accounts.reviewer_file.write_text(soon)
    renewed = accounts.reviewer_token()
    assert renewed != soon
    assert claims(renewed)["exp"] - time.time() > REVIEWER_SECONDS * 0.9


def test_it_is_renewed_when_the_cluster_does_not_know_it(accounts: ServiceAccounts) -> None:
    token = accounts.reviewer_token()
    forged = jwt.encode(claims(token) | {"aud": ["elsewhere"]}, "a-key-of-nobody-with-many-characters", "HS256")
    accounts.reviewer_file.write_text(forged)
    assert accounts.reviewer_token() != forged


def test_what_the_cluster_refuses_is_said_without_what_was_sent(accounts: ServiceAccounts) -> None:
    with pytest.raises(SandboxError, match=r"^kube-apiserver at https://127\.0\.0\.1:\d+ did not do .*: Not Found$"):
        accounts.token("default", "nobody")


def test_a_cluster_that_does_not_run_is_named(tmp_path: Path) -> None:
    kube = KubeApiServer(tmp_path, Etcd(tmp_path))
    with pytest.raises(SandboxError, match="kube-apiserver has no port yet"):
        ServiceAccounts(tmp_path, kube).reviewer_token()
