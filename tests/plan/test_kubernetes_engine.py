"""Tokens of Kubernetes service accounts: what people may write, what is planned from it, and what is refused."""

from pathlib import Path

import pytest

from strongroom.vault.kubernetes_engine.plan import KubernetesCluster, KubernetesTokenRole
from strongroom.vault.policy.plan import Policy
from support.docs import example
from support.projects import COMMON, PAYMENTS, PROD, ProjectFolder

ENGINE = """\
    kubernetes:
      clusters:
        eu:
          kubernetes_host: https://eu.{{ environment }}.example:6443
          namespaces: {payments: [payments, payments-jobs]}
"""
TOKENS = """\
  deployer: {kubernetes_token: {cluster: eu, namespaces: [payments], service_account: deployer}}
  jobs:
    kubernetes_token:
      cluster: eu
      namespaces: [payments-jobs]
      rules:
        - {api_groups: [batch], resources: [jobs], verbs: [create, get]}
        - {resources: [secrets], resource_names: [settings], verbs: [get]}
"""


@pytest.fixture
def folder(folder: ProjectFolder) -> ProjectFolder:
    """The sound project with a cluster, two kinds of tokens and grants of them."""
    folder.replace(COMMON, "  policies:\n", f"{ENGINE}  policies:\n")
    folder.replace(PAYMENTS, "grants:\n", f"{TOKENS}grants:\n")
    return folder.append(PAYMENTS, "  - {workload: checkout, secret: deployer, can: [issue]}\n")


def test_a_mount_for_each_cluster_and_a_role_for_each_secret_are_planned(folder: ProjectFolder) -> None:
    assert folder.problems() == []
    plan = folder.plan("prod")
    assert plan.of(KubernetesCluster) == (
        KubernetesCluster(
            slice="platform",
            mount="kubernetes-eu-prod",
            kubernetes_host="https://eu.prod.example:6443",
            ca_pem="",
            service_account_jwt_from=None,
            protect=True,
        ),
    )
    deployer, jobs = plan.of(KubernetesTokenRole)
    assert deployer == KubernetesTokenRole(
        slice="payments",
        mount="kubernetes-eu-prod",
        name="payments.deployer",
        namespaces=("payments",),
        service_account="deployer",
        rules="",
        audiences=(),
        ttl_seconds=600,
        max_ttl_seconds=3600,
    )
    assert (jobs.name, jobs.namespaces, jobs.service_account) == ("payments.jobs", ("payments-jobs",), "")
    assert jobs.rules == (
        '{"rules":[{"apiGroups":["batch"],"resources":["jobs"],"verbs":["create","get"]},'
        '{"apiGroups":[""],"resourceNames":["settings"],"resources":["secrets"],"verbs":["get"]}]}'
    )


def test_a_grant_gives_the_path_of_its_role_and_nothing_more(folder: ProjectFolder) -> None:
    (policy,) = (policy for policy in folder.plan("prod").of(Policy) if policy.name == "prod.payments.checkout")
    assert {rule.path: rule.capabilities for rule in policy.rules if rule.path.startswith("kubernetes")} == {
        "kubernetes-eu-prod/creds/payments.deployer": ("update",)
    }


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("namespaces: [payments]", "namespaces: ['*']", "the Kubernetes name has '*'"),
        ("namespaces: [payments]", "namespaces: []", "needs at least 1"),
        ("service_account: deployer", "ttl: 1h", "name exactly one of service_account, rules"),
        ("service_account: deployer", "service_account: deployer, ttl: 9m", "ttl 9m is shorter than 10m"),
        ("service_account: deployer", "service_account: deployer, max_ttl: 2d", "max_ttl 2d is longer than 1d"),
        ("service_account: deployer", "service_account: deployer, ttl: 2h", "ttl 2h is longer than max_ttl 1h"),
        ("verbs: [create, get]", "verbs: ['*']", "'*'"),
        ("verbs: [create, get]", "verbs: [escalate]", "escalate"),
        ("verbs: [create, get]", "verbs: [bind]", "bind"),
        ("verbs: [create, get]", "verbs: [impersonate]", "impersonate"),
        ("resources: [jobs]", "resources: ['*']", "'*' would give what nobody listed"),
        ("resources: [jobs]", "resources: [jobs/*]", "'*' would give what nobody listed"),
        ("api_groups: [batch]", "api_groups: ['*']", "'*' would give what nobody listed"),
        (
            "api_groups: [batch], resources: [jobs]",
            "api_groups: [rbac.authorization.k8s.io], resources: [roles]",
            "who changes roles or bindings gives itself any right",
        ),
        ("api_groups: [batch], resources: [jobs]", "resources: [serviceaccounts/token]", "is whoever it likes"),
        ("resource_names: [settings], verbs: [get]", "verbs: [get]", "Secrets are given by name and with `get` only"),
        ("[settings], verbs: [get]", "[settings], verbs: [get, list]", "Secrets are given by name"),
        ("can: [issue]", "can: [read]", "'read' is not possible for tokens of service accounts; possible: issue"),
    ],
)
def test_what_would_give_too_much_or_cannot_work_is_refused(
    folder: ProjectFolder, old: str, new: str, problem: str
) -> None:
    said = folder.replace(PAYMENTS, old, new).problems()
    assert problem in said[0]
    assert said[0].startswith(PAYMENTS)


def test_a_namespace_that_the_platform_did_not_give_to_the_team_is_refused(folder: ProjectFolder) -> None:
    said = folder.replace(PAYMENTS, "namespaces: [payments]", "namespaces: [kube-system]").problems()
    assert "team payments may have no token for namespace 'kube-system' of eu in dev" in said[0]
    assert said[0].endswith("its namespaces in the environment file: payments, payments-jobs")


def test_a_cluster_that_is_not_there_is_refused(folder: ProjectFolder) -> None:
    said = folder.replace(PAYMENTS, "cluster: eu, ", "cluster: us, ").problems()
    assert "secrets.deployer.kubernetes_token.cluster: there is no cluster 'us' in dev" in said[0]
    said = folder.append(PROD, "vault: {engines: {kubernetes: null}}\n").problems()
    assert any("there is no cluster 'eu' in prod" in problem for problem in said)


def test_half_of_what_a_server_outside_needs_is_refused(folder: ProjectFolder) -> None:
    token = "          service_account_jwt: {pulumi_config: tokens-jwt}\n          namespaces:"
    said = folder.replace(COMMON, "          namespaces:", token).problems()
    assert "service_account_jwt is given without ca_pem" in said[0]


def test_the_example_of_the_documentation_is_what_the_page_says(tmp_path: Path) -> None:
    project = example("vault/kubernetes-engine.md", tmp_path)
    assert project.problems() == []
    assert [role.name for role in project.plan("prod").of(KubernetesTokenRole)] == ["shop.deployer", "shop.settings"]
