"""What is wrong with secrets in a cluster, before anything is made: place, reason, remedy."""

import pytest

from support.kubernetes_secrets import BROUGHT, CATALOG, ENVIRONMENT, FILES, SEARCH
from support.projects import ProjectFolder

GUEST = "{namespace: payments-prod, service_account: guest}"


def _only(project: ProjectFolder, *parts: str) -> None:
    """There is one problem, and it says all of this."""
    (problem,) = project.problems()
    for text in parts:
        assert text in problem, problem


def test_the_project_has_no_problem(project: ProjectFolder) -> None:
    assert project.problems() == []
    project.append(ENVIRONMENT, BROUGHT)
    assert project.problems() == []


def test_a_cluster_that_is_not_declared(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "cluster: prod-eu\n", "cluster: prod-us\n")
    _only(project, "stores.eu.kubernetes_secrets.cluster: there is no cluster 'prod-us'; did you mean 'prod-eu'?")


def test_no_cluster_at_all(project: ProjectFolder) -> None:
    project.write(ENVIRONMENT, FILES[ENVIRONMENT].partition("clusters:")[0])
    found = project.problems()
    assert any("stores.eu.kubernetes_secrets: there is no `clusters` section; add one" in p for p in found)


def test_namespaces_of_a_team_that_is_none(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "        search: [", "        serach: [")
    assert any("namespaces.serach: there is no team 'serach'; did you mean 'search'?" in p for p in project.problems())


@pytest.mark.parametrize("namespace", ["kube-system", "default"])
def test_no_team_is_given_a_namespace_of_the_cluster_itself(project: ProjectFolder, namespace: str) -> None:
    project.replace(ENVIRONMENT, "[payments-prod]", f"[payments-prod, {namespace}]")
    _only(project, f"'{namespace}' is a namespace of the cluster itself; name one of your own")


def test_a_team_that_is_called_like_one_has_no_namespace_by_default(project: ProjectFolder) -> None:
    project.write("catalog/default.yaml", "team: default\nsecrets: {key: {fields: [key]}}\n")
    _only(project, "'default' is a namespace of the cluster itself, or nobody's", "by the store's `namespaces`")


def test_a_team_names_no_secret_in_another_teams_namespace(project: ProjectFolder) -> None:
    # Else it could grant itself one that is there, whoever made it.
    project.replace(CATALOG, "path: payments-prod/registry-login", "path: search-prod/engine-token")
    _only(
        project,
        "secrets.registry.path: namespace 'search-prod' is none of team payments's, which are: payments-prod",
        "let the environment file add it to the store's `namespaces`",
    )


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("registry", "'registry' is not the namespace and the name of a Kubernetes Secret"),
        ("payments-prod/a/b", "is not the namespace and the name"),
        ("payments-prod/Registry", "'payments-prod/Registry' cannot be a Kubernetes Secret"),
        ("payments-prod/registry..login", "'payments-prod/registry..login' cannot be a Kubernetes Secret"),
        ("payments_prod/registry", "cannot be a Kubernetes Secret: the namespace has '_'"),
    ],
)
def test_a_path_that_kubernetes_cannot_have(project: ProjectFolder, path: str, says: str) -> None:
    project.replace(CATALOG, "path: payments-prod/registry-login", f"path: {path}")
    _only(project, says)


def test_two_secrets_are_not_one_though_teams_share_a_namespace(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "[search-prod, search-batch]", "[search-prod, search-batch, payments-prod]")
    project.replace(SEARCH, "path: search-batch/engine", "path: payments-prod/stripe")
    _only(project, "'payments-prod/stripe' is the Kubernetes Secret of payments/stripe too", "one secret has one owner")


def test_a_secret_that_a_deployment_brings_is_not_one_of_a_catalog(project: ProjectFolder) -> None:
    project.append(ENVIRONMENT, BROUGHT.replace("platform-prod", "payments-prod\n        name: stripe"))
    _only(project, "secrets.stripe: 'payments-prod/stripe' is the Kubernetes Secret of `secrets.mirror` too")


DELIVERED = """\
deliveries:
  - {workload: WORKLOAD, secret: SECRET, kubernetes_secret: NAME, creation_policy: POLICY, deletion_policy: Retain}
"""


def _deliver(project: ProjectFolder, file: str, *words: str) -> None:
    project.replace(ENVIRONMENT, "    context: prod-eu\n", "    context: prod-eu\n    external_secrets: {}\n")
    text = DELIVERED
    for word, chosen in zip(("WORKLOAD", "SECRET", "NAME", "POLICY"), words, strict=True):
        text = text.replace(word, chosen)
    project.append(file, text)


@pytest.mark.parametrize("policy", ["Owner", "Merge"])
def test_nothing_is_delivered_to_a_secret_that_a_deployment_brings(project: ProjectFolder, policy: str) -> None:
    project.append(ENVIRONMENT, BROUGHT.replace("platform-prod", "payments-prod"))
    _deliver(project, CATALOG, "checkout", "stripe", "mirror", policy)
    _only(
        project,
        "deliveries[0].kubernetes_secret: 'payments-prod/mirror' is the Kubernetes Secret of `secrets.mirror` too",
        "deliver to a Secret of another name",
    )


def test_to_add_keys_to_what_another_team_keeps_would_change_its_values(project: ProjectFolder) -> None:
    project.replace(SEARCH, "workloads:\n", "workloads:\n  guest:\n    runs_as: {kubernetes: " + GUEST + "}\n")
    project.replace(SEARCH, "grants:\n", "grants:\n  - {workload: guest, secret: engine, can: [read]}\n")
    _deliver(project, SEARCH, "guest", "engine", "stripe", "Merge")
    _only(project, "catalog/search.yaml", "'payments-prod/stripe' is the Kubernetes Secret of payments/stripe too")


def test_keys_are_added_to_what_the_same_team_keeps(project: ProjectFolder) -> None:
    _deliver(project, CATALOG, "checkout", "stripe", "web", "Merge")
    assert project.problems() == []


def test_values_come_to_no_state_unless_the_cluster_allows_it_and_says_why(project: ProjectFolder) -> None:
    first, *rest = BROUGHT.splitlines(keepends=True)
    project.append(ENVIRONMENT, "".join(rest))
    _only(
        project,
        "clusters.prod-eu: the values of `secrets` are in the state of the stack, which this cluster does not allow",
        "`allow_values_in_state: {reason: …}`",
    )
    assert "allow_values_in_state" in first


@pytest.mark.parametrize(
    ("type_", "fields", "says"),
    [
        ("kubernetes.io/tls", "[tls.crt]", "has no tls.key; it needs: tls.crt, tls.key"),
        ("kubernetes.io/dockerconfigjson", "[login]", "has no .dockerconfigjson"),
        ("kubernetes.io/ssh-auth", "[key]", "has no ssh-privatekey"),
        ("kubernetes.io/basic-auth", "[user]", "has neither username nor password"),
        ("kubernetes.io/service-account-token", "[token]", "service_account belongs to type"),
        ("kubernetes.io/dockercfg", "[x]", "Opaque"),
    ],
)
def test_a_type_without_the_fields_that_it_needs(project: ProjectFolder, type_: str, fields: str, says: str) -> None:
    project.replace(CATALOG, "kubernetes: {type: kubernetes.io/tls}", f"kubernetes: {{type: {type_}}}")
    project.replace(CATALOG, "fields: [tls.crt, tls.key]", f"fields: {fields}")
    assert any(says in problem for problem in project.problems()), project.problems()


def test_a_cluster_puts_nothing_else_into_a_token(project: ProjectFolder) -> None:
    _of_account(project, "checkout", "[token, password]")
    assert any("the cluster puts no password into a Secret of type" in problem for problem in project.problems())


def test_a_token_of_another_teams_workload_is_that_teams_to_grant(project: ProjectFolder) -> None:
    # Whoever reads it is that workload, with all that it was ever granted.
    project.replace(ENVIRONMENT, "[payments-prod]", "[payments-prod, search-prod]")
    _of_account(project, "indexer", "[token]", "    path: search-prod/indexer-token\n")
    _only(
        project,
        "secrets.web.kubernetes.service_account: is workload search/indexer",
        "whoever reads its token has all its rights; ask that team",
    )
    _of_account(project, "checkout", "[token]")


def test_nor_is_it_if_a_workload_of_the_own_team_says_that_it_is_that_account_too(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "[payments-prod]", "[payments-prod, search-prod]")
    _of_account(project, "idle", "[token]", "    path: search-prod/idle-token\n")
    idle = "  idle: {runs_as: {kubernetes: {namespace: search-prod, service_account: idle}}}\n"
    project.replace(SEARCH, "workloads:\n", f"workloads:\n{idle}")
    project.replace(CATALOG, "workloads:\n", f"workloads:\n{idle}")
    _only(project, "secrets.web.kubernetes.service_account: is workload search/idle")


def _of_account(project: ProjectFolder, account: str, fields: str, path: str = "") -> None:
    text = FILES[CATALOG].replace(
        "kubernetes: {type: kubernetes.io/tls}\n",
        f"kubernetes: {{type: kubernetes.io/service-account-token, service_account: {account}}}\n{path}",
    )
    project.write(CATALOG, text.replace("fields: [tls.crt, tls.key]", f"fields: {fields}"))


def test_who_is_no_service_account_is_granted_nothing_there(project: ProjectFolder) -> None:
    project.replace(CATALOG, "  release:\n", "  pipeline: {runs_as: {approle: {}}}\n  release:\n")
    project.replace(CATALOG, "grants:\n", "grants:\n  - {workload: pipeline, secret: web, can: [read]}\n")
    _only(
        project,
        "grants[0].workload: payments/pipeline runs as approle, and is no service account of cluster prod-eu",
        "keep the secret in another store",
    )


def test_to_write_is_to_read_as_the_server_answers_with_the_whole_secret(project: ProjectFolder) -> None:
    project.replace(CATALOG, "can: [read, write]", "can: [write]")
    _only(project, "grants[2].can[0]: is `read` too: the API server answers", "write `can: [read, write]`")


def test_nobody_is_granted_to_delete(project: ProjectFolder) -> None:
    project.replace(CATALOG, "can: [read, write]", "can: [read, delete]")
    _only(project, "would be for good in Kubernetes, and to make the Secret again cannot be granted for one name")


def test_nobody_is_granted_to_write_what_is_immutable(project: ProjectFolder) -> None:
    project.replace(CATALOG, "secret: web, can: [read]}", "secret: registry, can: [read, write]}")
    _only(project, "the secret is immutable, and nobody can write it; leave `write` out")


def test_nobody_is_granted_to_write_where_the_cluster_puts_tokens(project: ProjectFolder) -> None:
    _of_account(project, "checkout", "[token]")
    project.replace(CATALOG, "secret: web, can: [read]}", "secret: web, can: [read, write]}")
    _only(project, "grants[1].can[1]: the cluster puts the token there, and whoever writes the Secret can have it put")


def test_two_workloads_are_not_one_service_account(project: ProjectFolder) -> None:
    project.replace(
        CATALOG,
        "{namespace: delivery-prod, service_account: release}",
        "{namespace: payments-prod, service_account: checkout}",
    )
    _only(
        project,
        "workloads.release.runs_as: is service account payments-prod/checkout of cluster prod-eu",
        "as is payments/checkout, and each would have the rights of both; give it a service account of its own",
    )


def test_no_two_environments_keep_secrets_in_one_namespace_of_one_cluster(project: ProjectFolder) -> None:
    project.write("Pulumi.dev.yaml", "config:\n  strongroom:environment: dev\n")
    dev = FILES[ENVIRONMENT].replace("environment: prod", "environment: dev").replace("prod-eu", "dev-eu")
    project.write("environments/dev.yaml", dev.replace("dev-eu.example", "prod-eu.example"))
    found = project.problems()
    assert found
    assert all("is a cluster of environment" in problem for problem in found)
    assert any("both have workloads or secrets in namespace 'delivery-prod'" in problem for problem in found)
