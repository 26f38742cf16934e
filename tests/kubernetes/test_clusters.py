"""Clusters of an environment: what they name exists, and no two environments meet in a namespace."""

from pathlib import Path

import pytest

from support.projects import ProjectFolder

CATALOG = """\
team: shop
workloads:
  web: {runs_as: {kubernetes: {namespace: NAMESPACE, service_account: web}}}
"""
ENVIRONMENT = """\
environment: {name}
vault:
  auth:
    cluster: {{jwt: {{accepts: [kubernetes], audiences: [a], oidc_discovery_url: "https://{name}.example"}}}}
clusters:
  main: {{context: {name}, server: "{server}"}}
"""


def project(folder: Path, servers: dict[str, str], namespace: str = "shop") -> ProjectFolder:
    files = {"catalog/shop.yaml": CATALOG.replace("NAMESPACE", namespace)}
    for name, server in servers.items():
        files[f"environments/{name}.yaml"] = ENVIRONMENT.format(name=name, server=server)
        files[f"Pulumi.{name}.yaml"] = f"config:\n  strongroom:environment: {name}\n"
    return ProjectFolder(folder, files)


def test_environments_with_clusters_of_their_own_are_sound(tmp_path: Path) -> None:
    servers = {"dev": "https://dev.example:6443", "prod": "https://prod.example:6443"}
    assert project(tmp_path, servers).problems() == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://one.example:6443", "https://one.example:6443/"),
        ("https://one.example", "https://One.example:443"),
        ("https://one.example/k8s/clusters/c-1", "https://one.example:443/k8s/clusters/c-1/"),
    ],
)
def test_a_namespace_of_one_cluster_in_two_environments_is_refused_in_both(
    tmp_path: Path, one: str, other: str
) -> None:
    found = project(tmp_path, {"dev": one, "prod": other}).problems()
    assert [line.split(":")[0] for line in found] == ["environments/dev.yaml", "environments/prod.yaml"]
    assert "is a cluster of environment prod too, and" in found[0]


def test_one_cluster_is_not_two_of_an_environment(tmp_path: Path) -> None:
    folder = project(tmp_path, {"dev": "https://dev.example:6443"})
    folder.append("environments/dev.yaml", '  again: {context: other, server: "https://DEV.example:6443/"}\n')
    (found,) = folder.problems()
    assert "clusters.again.server: is cluster main too" in found
    assert "declare a cluster once" in found


def test_environments_may_share_a_cluster_by_namespaces_of_their_own(tmp_path: Path) -> None:
    servers = {"dev": "https://one.example:6443", "prod": "https://one.example:6443"}
    assert project(tmp_path, servers, '"shop-{{ environment }}"').problems() == []


@pytest.mark.parametrize(("written", "means"), [("clustr", "did you mean 'cluster'"), ("x", "declared: cluster")])
def test_an_auth_method_that_is_not_there_is_named_with_those_there_are(
    tmp_path: Path, written: str, means: str
) -> None:
    folder = project(tmp_path, {"dev": "https://dev.example:6443"})
    folder.replace("environments/dev.yaml", "context: dev,", f"context: dev, vault_auth: {written},")
    (found,) = folder.problems()
    assert f"there is no auth method '{written}'" in found
    assert means in found


@pytest.mark.parametrize("config", ["kubernetes:kubeconfig: x", "kubernetes:kubeconfig: {secure: v1:x}"])
def test_a_kubeconfig_in_a_stack_s_configuration_is_refused_encrypted_or_not(tmp_path: Path, config: str) -> None:
    folder = project(tmp_path, {"dev": "https://dev.example:6443"})
    folder.append("Pulumi.dev.yaml", f"  {config}\n")
    (found,) = folder.problems()
    assert "kubernetes:kubeconfig" in found
