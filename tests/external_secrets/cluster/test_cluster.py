"""Stores and Secrets for many namespaces: always with conditions, read as a workload of their own and nobody else."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.external_secrets.cluster.component import ExternalSecretsForNamespaces
from strongroom.external_secrets.cluster.document import (
    cluster_external_secret,
    cluster_secret_store,
    conditions,
)
from strongroom.external_secrets.cluster.records import (
    ClusterExternalSecret,
    ClusterSecretStore,
    NamespaceConditions,
)
from strongroom.external_secrets.cluster.spec import StoreNamespaces
from strongroom.external_secrets.operator.plan import AccountTokens, ExternalSecretsOperator
from strongroom.program import deploy
from strongroom.stage import Stage
from support.external_secrets_operator import ENVIRONMENT, FILES, FOR_NAMESPACES, PLATFORM_TEAM
from support.mocks import record
from support.projects import ProjectFolder


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder(tmp_path, FILES).append(ENVIRONMENT, FOR_NAMESPACES)


def test_a_store_is_read_as_its_own_workload_whatever_accounts_its_users_have(project: ProjectFolder) -> None:
    (store,) = project.plan("prod").of(ClusterSecretStore)
    assert cluster_secret_store(store) == {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ClusterSecretStore",
        "metadata": {"name": "registries"},
        "spec": {
            "provider": {
                "vault": {
                    "server": "https://vault.example:8200",
                    "path": "kv-prod",
                    "version": "v2",
                    "auth": {
                        "jwt": {
                            "path": "cluster-prod",
                            "role": "base.eso",
                            "kubernetesServiceAccountToken": {
                                "serviceAccountRef": {"name": "shared-reader", "namespace": "external-secrets"},
                                "audiences": ["vault-prod"],
                            },
                        }
                    },
                }
            },
            "conditions": [
                {"namespaces": ["payments", "search"]},
                {"namespaceRegexes": ["^(?:team-[a-z0-9-]+)$"]},
            ],
        },
    }


def test_a_secret_for_many_namespaces_is_of_that_store_and_names_its_namespaces(project: ProjectFolder) -> None:
    (secret,) = project.plan("prod").of(ClusterExternalSecret)
    made = cluster_external_secret(secret)
    assert made["metadata"] == {"name": "registry"}
    spec = made["spec"]
    assert spec["externalSecretName"] == "registry-login"
    assert spec["refreshTime"] == "5m"
    assert spec["namespaceSelectors"] == [
        {
            "matchExpressions": [
                {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["payments", "team-web"]}
            ]
        }
    ]
    each = spec["externalSecretSpec"]
    assert each["secretStoreRef"] == {"name": "registries", "kind": "ClusterSecretStore"}
    assert each["target"]["name"] == "registry-login"
    assert [(entry["secretKey"], entry["remoteRef"]["key"]) for entry in each["data"]] == [
        ("username", "base/registry"),
        ("password", "base/registry"),
    ]


def test_the_operator_looks_after_what_there_is_and_may_be_the_workload_of_the_store(project: ProjectFolder) -> None:
    plan = project.plan("prod")
    (operator,) = plan.of(ExternalSecretsOperator)
    assert operator.settings.processes == ("ClusterSecretStore", "ClusterExternalSecret")
    assert [(t.slice, t.namespace, t.service_account) for t in plan.of(AccountTokens)] == [
        ("platform", "external-secrets", "shared-reader"),
        ("payments", "payments", "checkout"),
    ]


REFUSED = {
    "no condition": (
        "namespaces: {names: [search, payments], regexes: ['team-[a-z0-9-]+']}",
        "namespaces: {}",
        "no namespace is named, which would be all of them",
    ),
    "a pattern for all": ("'team-[a-z0-9-]+'", "'.*'", "matches kube-system"),
    "a pattern for short names": ("'team-[a-z0-9-]+'", "'[a-z]{1,8}'", "matches default, and so probably all"),
    "a pattern that Go does not know": ("'team-[a-z0-9-]+'", "'team-[a-z]++'", "which the operator reads otherwise"),
    "a pattern that Go reads otherwise": ("'team-[a-z0-9-]+'", "'team-[a-z]{,9}'", "has '{,'"),
    "a pattern that is none": ("'team-[a-z0-9-]+'", "'team-('", "no regular expression"),
    "an unknown store": ("store: kv,", "store: kw,", "there is no store 'kw'"),
    "an unknown workload": ("workload: base/eso", "workload: base/esso", "did you mean 'base/eso'?"),
    "a workload with deliveries": ("workload: base/eso", "workload: payments/checkout", "deliveries of its own"),
    "a workload without grants": ("workload: base/eso", "workload: base/idle", "may read nothing of store kv"),
    "another's secret": ("secret: base/registry", "secret: payments/stripe", "base/eso may not read payments/stripe"),
    "an unknown store of a secret": ("cluster_store: registries", "cluster_store: registry", "did you mean"),
    "a namespace that the store does not serve": ("names: [team-web, payments]", "names: [billing]", "may not use"),
    "labels beside names": ("names: [team-web, payments]", "labels: {a: b}", "others may have these labels"),
    "an unknown field": ("kubernetes_secret: registry-login,", "kubernetes_secret: r, fields: {a: b},", "no field 'b'"),
    "a template of what is not there": (
        "kubernetes_secret: registry-login,",
        "kubernetes_secret: r, template: {data: {a: '{{ .user }}'}},",
        "the template names '.user', which is no key",
    ),
    "the name of a delivery": (
        "kubernetes_secret: registry-login,",
        "kubernetes_secret: stripe,",
        "Secret stripe in namespace payments is that of a delivery of payments/checkout too",
    ),
    "an operator of one namespace": (
        "operator: {chart_version: 2.9.0}",
        "operator: {chart_version: 2.9.0, watch: payments}",
        "there are stores for several",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_reach_further_or_nowhere_is_refused(project: ProjectFolder, case: str) -> None:
    old, new, said = REFUSED[case]
    project.replace(ENVIRONMENT, old, new)
    assert any(said in problem for problem in project.problems()), project.problems()


def test_a_store_reaches_no_more_when_its_workload_is_granted_more_elsewhere(project: ProjectFolder) -> None:
    project.replace(PLATFORM_TEAM, "can: [read]}", "can: [write]}")
    assert any("may read nothing of store kv" in problem for problem in project.problems())


def test_two_for_the_same_namespaces_have_names_of_their_own(project: ProjectFolder) -> None:
    again = FOR_NAMESPACES.partition("cluster_deliveries:\n")[2].replace("registry:", "again:", 1)
    project.append(ENVIRONMENT, again)
    assert any("is that of `cluster_deliveries.again` too" in problem for problem in project.problems())
    project.replace(ENVIRONMENT, again, again.replace("registry-login", "login"))
    assert project.problems() == []


def test_a_workload_that_may_write_is_no_reader_for_others(project: ProjectFolder) -> None:
    assert project.problems() == []
    project.replace(PLATFORM_TEAM, "can: [read]}", "can: [read, write]}")
    (problem,) = project.problems()
    assert "base/eso may write too, and so may whoever makes PushSecrets in these namespaces" in problem


names = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)


@given(st.sampled_from(["a|b", "team-.*", "x", "prod-[0-9]+|qa"]), names, names)
def test_a_pattern_matches_whole_names_only_however_it_is_written(pattern: str, before: str, after: str) -> None:
    StoreNamespaces(regexes=(pattern,))
    (condition,) = conditions(NamespaceConditions(names=(), labels=(), regexes=(pattern,)))
    (anchored,) = condition["namespaceRegexes"]
    for name in (before, after, f"{before}{after}", f"{before}a", f"b{after}", f"{before}-team-x"):
        # As the operator does: Go's MatchString looks anywhere in the name.
        assert bool(re.search(anchored, name)) == bool(re.fullmatch(pattern, name))


def test_stores_come_after_the_operator_and_secrets_after_their_store(
    project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strongroom.kubernetes.kubeconfig.check", lambda _: None)
    plan = project.plan("prod")
    made = record(lambda: deploy(plan, Stage(secret=lambda *_: None)))
    (store,) = made.of("kubernetes:external-secrets.io/v1:ClusterSecretStore")
    (secret,) = made.of("kubernetes:external-secrets.io/v1:ClusterExternalSecret")
    assert "prod-eu-operator-release" in made.waits_for(store.name)
    assert store.name in made.waits_for(secret.name)


@pytest.mark.parametrize("given_conditions", [None, [], [{}], [{"namespaces": ["a"]}, {}]])
def test_the_component_by_itself_takes_no_store_for_every_namespace(given_conditions: object) -> None:
    manifest = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ClusterSecretStore",
        "metadata": {"name": "all"},
        "spec": {"provider": {}, **({} if given_conditions is None else {"conditions": given_conditions})},
    }
    with pytest.raises(ValueError, match="would serve every namespace"):
        record(lambda: ExternalSecretsForNamespaces("x", {"stores": [manifest], "secrets": []}) and None)


@pytest.mark.parametrize("selectors", [None, [], [{}], [{"matchLabels": {"a": "b"}}, {}]])
def test_the_component_by_itself_takes_no_secret_for_every_namespace(selectors: object) -> None:
    manifest = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ClusterExternalSecret",
        "metadata": {"name": "all"},
        "spec": {} if selectors is None else {"namespaceSelectors": selectors},
    }
    with pytest.raises(ValueError, match="all would be for every namespace"):
        record(lambda: ExternalSecretsForNamespaces("x", {"stores": [], "secrets": [manifest]}) and None)
