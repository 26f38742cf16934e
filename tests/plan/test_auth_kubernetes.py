"""Kubernetes auth in files and plans: exact names only, the environment's audience, references for tokens."""

from pathlib import Path
from typing import Any, Final

import pytest

from strongroom.plan.logins import logins
from support.docs import example
from support.projects import COMMON, IDENTITY, PAYMENTS, ProjectFolder

METHOD: Final = """\
    cluster:
      kubernetes:
        kubernetes_host: https://cluster.example:6443
        audience: "vault-{{ environment }}"
        ca_pem: "-----BEGIN CERTIFICATE-----\\nMII=\\n-----END CERTIFICATE-----\\n"
        token_reviewer_jwt: {pulumi_config: reviewer}
"""
JWT: Final = """\
    cluster:
      jwt:
        accepts: [kubernetes]
        audiences: ["vault-{{ environment }}"]
        oidc_discovery_url: https://oidc.example
"""


@pytest.fixture
def folder(folder: ProjectFolder) -> ProjectFolder:
    """The sound project, whose cluster is asked about tokens."""
    return folder.replace(COMMON, JWT, METHOD)


def _records(folder: ProjectFolder, stack: str, kind: str) -> list[dict[str, Any]]:
    return [r.as_json() for r in folder.plan(stack).records if r.kind == f"vault.auth.kubernetes.{kind}"]


def test_a_method_names_its_reviewer_by_reference_and_its_authority_in_the_form_that_settles(
    folder: ProjectFolder,
) -> None:
    assert folder.problems() == []
    assert _records(folder, "prod", "method") == [
        {
            "kind": "vault.auth.kubernetes.method",
            "slice": "platform",
            "mount": "cluster-prod",
            "kubernetes_host": "https://cluster.example:6443",
            "ca_pem": "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----",
            "token_reviewer_jwt_from": ["pulumi_config", "reviewer"],
            "protect": True,
        }
    ]


def test_a_role_binds_exactly_what_its_workload_runs_as_with_the_audience_of_the_environment(
    folder: ProjectFolder,
) -> None:
    for stack in ("dev", "prod"):
        roles = _records(folder, stack, "role")
        assert [
            (r["slice"], r["name"], r["namespace"], r["service_account"], r["audience"], r["policies"]) for r in roles
        ] == [
            (
                "identity", "identity.login", "identity", "login", f"vault-{stack}",
                [f"{stack}.identity.login", f"{stack}.platform.inventory"],
            ),
            (
                "payments", "payments.checkout", "payments", "checkout", f"vault-{stack}",
                [f"{stack}.payments.checkout"],
            ),
        ]  # fmt: skip
        assert {r["mount"] for r in roles} == {f"cluster-{stack}"}


def test_the_plan_says_how_each_workload_logs_in(folder: ProjectFolder) -> None:
    assert logins(folder.plan("prod"))["payments/checkout"] == {
        "method": "kubernetes",
        "mount": "cluster-prod",
        "role": "payments.checkout",
    }


@pytest.mark.parametrize("pattern", ['"*"', '"check*"', '"*out"'])
def test_no_pattern_of_accounts_or_namespaces_can_be_written(folder: ProjectFolder, pattern: str) -> None:
    folder.replace(PAYMENTS, "service_account: checkout", f"service_account: {pattern}")
    folder.replace(IDENTITY, "namespace: identity", f"namespace: {pattern}")
    problems = folder.problems()
    assert len(problems) == 2
    assert all("the Kubernetes name has '*' at character" in problem for problem in problems)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "        token_reviewer_jwt: {pulumi_config: reviewer}\n",
            "",
            "ca_pem is given without token_reviewer_jwt; outside the cluster the server needs both; as a pod of the "
            "cluster it has its own, leave both out",
        ),
        (
            '        ca_pem: "-----BEGIN CERTIFICATE-----\\nMII=\\n-----END CERTIFICATE-----\\n"\n',
            "",
            "token_reviewer_jwt is given without ca_pem; outside the cluster the server needs both; as a pod of the "
            "cluster it has its own, leave both out",
        ),
        (
            "https://cluster.example:6443",
            "http://cluster.example",
            "the URL must begin with https:// and name a host; secrets and keys travel over TLS only",
        ),
        ('audience: "vault-{{ environment }}"', 'audience: "*"', "a claim is compared literally"),
        ('        audience: "vault-{{ environment }}"\n', "", "audience"),
        (
            "token_reviewer_jwt: {pulumi_config: reviewer}",
            "token_reviewer_jwt: eyJhbGciOi",
            "token_reviewer_jwt",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_the_remedy(folder: ProjectFolder, old: str, new: str, problem: str) -> None:
    problems = folder.replace(COMMON, old, new).problems()
    assert problems
    assert all("auth.cluster.kubernetes" in found and problem in found for found in problems)
    assert "eyJhbGciOi" not in "".join(problems)


def test_as_a_pod_of_the_cluster_the_server_needs_neither_authority_nor_reviewer(folder: ProjectFolder) -> None:
    folder.write(COMMON, _without((folder.root / "stacks" / COMMON).read_text("utf-8"), "ca_pem", "token_reviewer_jwt"))
    assert folder.problems() == []
    (method,) = _records(folder, "prod", "method")
    assert (method["ca_pem"], method["token_reviewer_jwt_from"]) == ("", None)


def test_where_a_cluster_has_both_kinds_of_method_a_workload_chooses(folder: ProjectFolder) -> None:
    folder.replace(COMMON, METHOD, METHOD + JWT.replace("cluster:", "signatures:"))
    assert len(folder.problems()) == 4
    assert all("several auth methods of" in problem for problem in folder.problems())
    for file, identity in ((PAYMENTS, "service_account: checkout}}"), (IDENTITY, "service_account: login}}")):
        folder.replace(file, identity, f"{identity}\n    auth: cluster")
    assert folder.problems() == []
    assert len(_records(folder, "prod", "role")) == 2


def _without(text: str, *keys: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if line.strip().split(":")[0] not in keys)


def test_the_example_of_the_page_is_sound(tmp_path: Path) -> None:
    page = example("vault/auth-kubernetes.md", tmp_path)
    assert page.problems() == []
    assert logins(page.plan("prod"))["payments/checkout"]["role"] == "payments.checkout"
