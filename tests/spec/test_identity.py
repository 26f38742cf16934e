"""Who a workload is: identities that name one workload exactly, or are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from strongroom.spec.identity import Identity


def _identity(data: dict[str, Any]) -> Identity:
    return Identity.model_validate(data)


def _complaint(data: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        _identity(data)
    (error,) = caught.value.errors()
    return f"{error['msg']}; {error['ctx']['remedy']}" if error.get("ctx", {}).get("remedy") else error["msg"]


def test_a_service_account_is_the_subject_of_its_tokens() -> None:
    kubernetes = _identity({"kubernetes": {"namespace": "payments", "service_account": "checkout"}}).kubernetes
    assert kubernetes is not None
    assert kubernetes.subject == "system:serviceaccount:payments:checkout"


@pytest.mark.parametrize("name", ["", "*", "a:b", "A", "-a", "a-", "a_b", "a b", "é", "a" * 254, "a\n"])
def test_a_kubernetes_name_cannot_mean_two_accounts(name: str) -> None:
    assert "Kubernetes name" in _complaint({"kubernetes": {"namespace": "n", "service_account": name}})
    assert "Kubernetes name" in _complaint({"kubernetes": {"namespace": name, "service_account": "s"}})


@pytest.mark.parametrize(
    ("pinned", "claims"),
    [
        ({"environment": "prod"}, {"repository": "acme/shop", "environment": "prod"}),
        ({"ref": "refs/heads/main"}, {"repository": "acme/shop", "ref": "refs/heads/main"}),
    ],
)
def test_a_github_job_is_bound_to_its_repository_and_one_thing_more(
    pinned: dict[str, str], claims: dict[str, str]
) -> None:
    job = _identity({"github_actions": {"repository": "acme/shop", **pinned}}).github_actions
    assert job is not None
    assert job.claims == claims


PROJECT = {"project_path": "acme/shop/payments"}


@pytest.mark.parametrize(
    ("pinned", "claims"),
    [
        ({"environment": "prod"}, {**PROJECT, "ref_protected": "true", "environment": "prod"}),
        ({"environment": "prod", "ref_protected": False}, {**PROJECT, "environment": "prod"}),
        ({"ref": "refs/heads/a/b"}, {**PROJECT, "ref_protected": "true", "ref": "a/b", "ref_type": "branch"}),
        ({"ref": "refs/tags/v1"}, {**PROJECT, "ref_protected": "true", "ref": "v1", "ref_type": "tag"}),
    ],
)
def test_a_gitlab_job_is_bound_to_its_project_and_one_thing_more(
    pinned: dict[str, Any], claims: dict[str, str]
) -> None:
    job = _identity({"gitlab_ci": {**PROJECT, **pinned}}).gitlab_ci
    assert job is not None
    assert job.claims == claims


@pytest.mark.parametrize("path", ["acme/*", "*/shop", "acme", "/shop", "acme/", "a//b", "a/../b", "a/b c", "a/b,c"])
def test_a_project_is_one_project(path: str) -> None:
    assert "the project path" in _complaint({"gitlab_ci": {"project_path": path, "environment": "prod"}})


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({}, "name exactly one of environment and ref"),
        ({"environment": "e", "ref": "refs/heads/main"}, "name exactly one of environment and ref"),
        ({"ref": "main"}, "the ref is no branch or tag"),
        ({"ref": "refs/merge-requests/1/head"}, "the ref is no branch or tag"),
        ({"ref": "refs/heads/*"}, "'*' has no meaning here"),
        ({"environment": "review/*"}, "'*' has no meaning here"),
        ({"environment": "a,b"}, "several values"),
        ({"environment": "e", "subject": "project_path:*"}, "'*' has no meaning here"),
        ({"ref": "refs/heads/main", "ref_protected": False}, "lets everybody who can push be this workload"),
    ],
)
def test_a_gitlab_job_that_could_be_somebody_elses_is_refused(keys: dict[str, Any], problem: str) -> None:
    assert problem in _complaint({"gitlab_ci": {**PROJECT, **keys}})


@pytest.mark.parametrize("pinned", [{}, {"environment": "prod", "ref": "refs/heads/main"}])
def test_a_repository_alone_or_two_pins_are_refused(pinned: dict[str, str]) -> None:
    assert _complaint({"github_actions": {"repository": "acme/shop", **pinned}}) == (
        "name exactly one of environment and ref; a repository alone would admit its pull requests"
    )


@pytest.mark.parametrize("repository", ["acme/*", "*/shop", "acme", "acme/shop/x", "/shop", "acme/", "a/b c", "a/b\n"])
def test_a_repository_is_one_repository(repository: str) -> None:
    assert "the repository" in _complaint({"github_actions": {"repository": repository, "environment": "prod"}})


@pytest.mark.parametrize("ref", ["refs/heads/*", "refs/heads/a,refs/heads/b"])
def test_a_ref_is_one_ref(ref: str) -> None:
    assert _complaint({"github_actions": {"repository": "acme/shop", "ref": ref}})


@pytest.mark.parametrize("ref", ["main", "refs/pull/7/merge", "refs/heads", "REFS/heads/main", ""])
def test_a_ref_is_a_branch_or_a_tag_and_no_pull_request(ref: str) -> None:
    complaint = _complaint({"github_actions": {"repository": "acme/shop", "ref": ref}})
    assert complaint.startswith("the ref is no branch or tag; write it as refs/heads/main")


@pytest.mark.parametrize("data", [{}, {"claims": {}}, {"subject": None}])
def test_a_token_that_is_bound_to_nothing_is_refused(data: dict[str, Any]) -> None:
    assert _complaint({"jwt": data}) == (
        "neither subject nor claims is given; without one, every token of the issuer would be this workload"
    )


@pytest.mark.parametrize(
    ("cidr", "message"),
    [
        ("0.0.0.0/0", "0.0.0.0/0 admits every address; leave it out to say so"),
        ("::/0", "::/0 admits every address; leave it out to say so"),
        ("10.0.0.1/8", "'10.0.0.1/8' is no network; write it as 10.1.0.0/16, without host bits"),
        ("anywhere", "'anywhere' is no network; write it as 10.1.0.0/16, without host bits"),
        ("", "'' is no network; write it as 10.1.0.0/16, without host bits"),
        ("fe80::%eth0/64", "'fe80::%eth0/64' is no network; write it as 10.1.0.0/16, without host bits"),
    ],
)
def test_networks_are_networks_and_not_the_whole_world(cidr: str, message: str) -> None:
    assert _complaint({"approle": {"bound_cidrs": [cidr]}}) == message


@pytest.mark.parametrize("uses", [0, -1, 1001, True, "1"])
def test_a_secret_id_is_used_a_limited_number_of_times(uses: object) -> None:
    assert _complaint({"approle": {"secret_id_uses": uses}})


def test_an_approle_with_nothing_said_is_short_lived_and_used_once() -> None:
    approle = _identity({"approle": {}}).approle
    assert approle is not None
    assert (approle.secret_id_ttl, approle.secret_id_uses, approle.bound_cidrs) == (900, 1, ())
