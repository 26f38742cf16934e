"""The operator in a plan, and what its component registers."""

import re
from pathlib import Path
from typing import get_type_hints

import pytest

from strongroom.external_secrets.operator.component import ExternalSecretsOperator, ExternalSecretsOperatorArgs
from strongroom.external_secrets.operator.plan import AccountTokens
from strongroom.external_secrets.operator.plan import ExternalSecretsOperator as Planned
from strongroom.external_secrets.operator.settings import OperatorSettings
from strongroom.external_secrets.operator.values import values
from strongroom.program import deploy
from strongroom.stage import Stage
from support.external_secrets_operator import ENVIRONMENT, FILES, FOR_NAMESPACES, PAYMENTS, PLATFORM_TEAM
from support.mocks import Recording, record
from support.projects import ProjectFolder

RELEASE = "kubernetes:helm.sh/v3:Release"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder(tmp_path, FILES)


@pytest.fixture
def made(project: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> Recording:
    monkeypatch.setattr("strongroom.kubernetes.kubeconfig.check", lambda _: None)
    plan = project.plan("prod")
    return record(lambda: deploy(plan, Stage(secret=lambda *_: None)))


def test_a_cluster_without_operator_of_ours_has_none_in_the_plan(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "operator: {chart_version: 2.9.0}", "api_version: v1")
    plan = project.plan("prod")
    assert plan.of(Planned) == ()
    assert plan.of(AccountTokens) == ()


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("2.4.9", "make tokens of every service account"),
        ("1.3.2", "make tokens of every service account"),
        ("2.x", "is no exact version"),
        ('">=2.5.0"', "is no exact version"),
        ("2.9.0-rc1", "is no exact version"),
    ],
)
def test_a_version_that_is_too_old_or_not_exact_is_refused(project: ProjectFolder, version: str, said: str) -> None:
    project.replace(ENVIRONMENT, "chart_version: 2.9.0", f"chart_version: {version}")
    (problem,) = project.problems()
    assert "chart_version" in problem
    assert said in problem


def test_manifests_that_it_does_not_serve_are_refused(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "operator: {chart", "api_version: v1beta1\n      operator: {chart")
    (problem,) = project.problems()
    assert "the operator of chart 2.9.0 serves no v1beta1" in problem


def test_one_that_serves_a_namespace_has_nothing_to_bring_to_others(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "chart_version: 2.9.0", "chart_version: 2.9.0, watch: payments")
    assert project.problems() == []
    project.replace(
        PAYMENTS,
        "checkout:\n    runs_as: {kubernetes: {namespace: payments,",
        "checkout:\n    runs_as: {kubernetes: {namespace: shop,",
    )
    (problem,) = project.problems()
    assert "a delivery of payments/checkout is for namespace shop" in problem


ENVIRONMENT_TEST = "environments/test.yaml"


@pytest.fixture
def two(project: ProjectFolder) -> ProjectFolder:
    """Two environments in one cluster, in namespaces of their own; one installs the operator."""
    for file in (PAYMENTS, PLATFORM_TEAM):
        of_each = re.sub(r"namespace: ([a-z-]+)", r'namespace: "\1-{{ environment }}"', project.text(file))
        project.write(file, of_each)
    project.write("Pulumi.test.yaml", project.text("Pulumi.prod.yaml").replace("prod", "test"))
    other = project.text(ENVIRONMENT).replace("prod", "test")
    return project.write(
        ENVIRONMENT_TEST, other.replace("operator: {chart_version: 2.9.0}", "operator_in: external-secrets")
    )


def _of(project: ProjectFolder, environment: str) -> list[str]:
    return [problem for problem in project.problems() if problem.startswith(f"environments/{environment}")]


def test_a_cluster_of_two_environments_has_one_operator_and_no_store_for_namespaces(two: ProjectFolder) -> None:
    two.append(ENVIRONMENT, FOR_NAMESPACES)
    two.replace(ENVIRONMENT_TEST, "operator_in: external-secrets", "operator: {chart_version: 2.9.0}")
    problems = _of(two, "prod")
    assert any("environment test installs an operator in this cluster too" in problem for problem in problems)
    assert any("write `operator_in: external-secrets` in the other" in problem for problem in problems)
    assert any("is a cluster of environment test too, whose namespaces may match" in p for p in problems)


def test_the_operator_of_another_environment_is_given_the_accounts_of_this_one(two: ProjectFolder) -> None:
    assert two.problems() == []
    plan = two.plan("test")
    assert plan.of(Planned) == ()
    assert [(t.namespace, t.service_account, t.operator_namespace) for t in plan.of(AccountTokens)] == [
        ("payments-test", "checkout", "external-secrets")
    ]


@pytest.mark.parametrize(
    ("of_test", "of_prod", "said"),
    [
        ("service_accounts: patch", "", "may be no service account of this one; write `operator_in: external-secrets`"),
        ("operator_in: elsewhere", "", "write `operator_in: external-secrets`, where it runs"),
        ("operator_in: external-secrets", ", watch: payments-prod", "and a delivery of payments/checkout is for"),
        ("{operator_in: external-secrets, api_version: v1beta1}", "", "serves no v1beta1"),
    ],
)
def test_what_the_operator_of_another_environment_does_not_serve_is_said(
    two: ProjectFolder, of_test: str, of_prod: str, said: str
) -> None:
    lines = of_test.strip("{}").replace(", ", "\n      ")
    two.replace(ENVIRONMENT_TEST, "operator_in: external-secrets", lines)
    two.replace(ENVIRONMENT, "chart_version: 2.9.0", f"chart_version: 2.9.0{of_prod}")
    (problem,) = _of(two, "test")
    assert said in problem


def test_pushes_of_another_environment_are_looked_after_if_the_operator_is_told_to(two: ProjectFolder) -> None:
    for file in (ENVIRONMENT, ENVIRONMENT_TEST):
        two.replace(file, "stores:\n", "stores:\n  made: {vault_kv: {cas_required: false}}\n")
    two.replace(PAYMENTS, "secrets:\n", "secrets:\n  signing: {fields: [key], store: made}\n")
    two.replace(PAYMENTS, "grants:\n", "grants:\n  - {workload: refunds, secret: signing, can: [read, write]}\n")
    push = "{workload: refunds, secret: signing, kubernetes_secret: made, clusters: [eu], environments: [test]}"
    two.append(PAYMENTS, f"pushes:\n  - {push}\n")
    two.append(ENVIRONMENT_TEST, "      pushes_from: {payments: [payments-test]}\n")
    (problem,) = _of(two, "test")
    assert "write `pushes: true` in the `operator` of environment prod" in problem
    two.replace(ENVIRONMENT, "chart_version: 2.9.0", "chart_version: 2.9.0, pushes: true")
    assert _of(two, "test") == []
    (operator,) = two.plan("prod").of(Planned)
    assert operator.settings.processes == ("PushSecret",)


def test_nothing_goes_to_the_namespace_of_the_operator_and_nobody_is_the_operator(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "chart_version: 2.9.0", "chart_version: 2.9.0, namespace: payments")
    (problem,) = project.problems()
    assert "a delivery of payments/checkout is for the operator's own namespace payments" in problem
    project.replace(PAYMENTS, "service_account: checkout", "service_account: external-secrets")
    assert any("would be read as the operator's own account external-secrets" in p for p in project.problems())


def test_a_store_for_several_namespaces_is_not_read_as_the_operator(project: ProjectFolder) -> None:
    project.append(ENVIRONMENT, FOR_NAMESPACES)
    project.replace(PLATFORM_TEAM, "service_account: shared-reader", "service_account: external-secrets")
    assert any("`cluster_stores.registries` would be read as the operator's own" in p for p in project.problems())


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        ("cpu: 128Mi", "cpu"),
        ("memory: 100m", "memory"),
        ("memory: 1Gi", "memory 1Gi is more than memory_limit 512Mi"),
        ("memory: 1Gi, memory_limit: 2Gi, cpu: '2'", ""),
    ],
)
def test_amounts_are_of_their_kind_and_limits_are_no_less(project: ProjectFolder, resources: str, said: str) -> None:
    project.replace(ENVIRONMENT, "chart_version: 2.9.0", f"chart_version: 2.9.0, resources: {{{resources}}}")
    assert (project.problems() == []) is not bool(said)
    assert all(said in problem for problem in project.problems())


def test_it_may_make_tokens_of_the_accounts_it_reads_as_and_of_no_other(project: ProjectFolder) -> None:
    tokens = project.plan("prod").of(AccountTokens)
    assert [(t.slice, t.namespace, t.service_account) for t in tokens] == [("payments", "payments", "checkout")]
    project.replace(
        PAYMENTS,
        "deliveries:\n",
        "deliveries:\n  - {workload: refunds, secret: stripe, kubernetes_secret: for-refunds}\n",
    )
    assert [t.service_account for t in project.plan("prod").of(AccountTokens)] == ["checkout", "refunds"]


def test_the_release_is_of_exactly_one_version_with_the_values_of_the_plan(
    made: Recording, project: ProjectFolder
) -> None:
    (release,) = made.of(RELEASE)
    (planned,) = project.plan("prod").of(Planned)
    assert release.inputs["version"] == "2.9.0"
    assert release.inputs["repositoryOpts"] == {"repo": "https://charts.external-secrets.io"}
    assert release.inputs["namespace"] == "external-secrets"
    assert release.inputs["values"] == values(planned.settings)
    assert release.inputs["atomic"] is True
    assert release.protect
    assert not release.secrets
    assert {leaf.provider for leaf in made.leaves if leaf.type.startswith("kubernetes:")} == {"kubernetes-eu"}


def test_what_narrows_it_is_there_before_it_starts_and_stores_come_after(made: Recording) -> None:
    (release,) = made.of(RELEASE)
    before = {
        name for name in made.waits_for(release.name) if name.startswith("prod-eu-operator-")
    } - {release.name}  # fmt: skip
    assert before == {
        "prod-eu-operator-namespace",
        "prod-eu-operator-certifier",
        "prod-eu-operator-certifier-binding",
        "prod-eu-operator-certifier-cluster",
        "prod-eu-operator-certifier-cluster-binding",
        "prod-eu-operator-external-secrets",
        "prod-eu-operator-external-secrets-webhook",
        "prod-eu-operator-external-secrets-cert-controller",
    }
    (store,) = made.of("kubernetes:external-secrets.io/v1:SecretStore")
    assert release.name in made.waits_for(store.name)


def test_its_namespace_takes_only_pods_without_privileges(made: Recording) -> None:
    (namespace,) = made.of("kubernetes:core/v1:Namespace")
    assert namespace.protect, "with the namespace goes all that is in it"
    assert namespace.inputs["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_right_to_tokens_names_one_account_and_is_given_to_the_operator_alone(made: Recording) -> None:
    role = made.named("prod-eu-account-tokens-payments.checkout").inputs
    assert role["metadata"] == {"name": "external-secrets-token.checkout", "namespace": "payments"}
    assert role["rules"] == [
        {
            "apiGroups": [""],
            "resources": ["serviceaccounts/token"],
            "resourceNames": ["checkout"],
            "verbs": ["create"],
        }
    ]
    binding = made.named("prod-eu-account-tokens-payments.checkout-binding").inputs
    assert binding["roleRef"]["name"] == "external-secrets-token.checkout"
    assert binding["subjects"] == [
        {"kind": "ServiceAccount", "name": "external-secrets", "namespace": "external-secrets"}
    ]  # fmt: skip


def test_the_arguments_of_the_component_are_the_settings_by_the_same_names() -> None:
    given = set(get_type_hints(ExternalSecretsOperatorArgs))
    assert given - {"protect_data"} == set(OperatorSettings.__dataclass_fields__)


def test_the_component_by_itself_is_as_hardened_as_that_of_a_plan() -> None:
    def program() -> None:
        ExternalSecretsOperator("eso", {"chart_version": "2.9.0", "node_selector": {"pool": "system"}})

    made = record(program)
    (release,) = made.of(RELEASE)
    settings = OperatorSettings(chart_version="2.9.0", node_selector=(("pool", "system"),))
    assert release.inputs["values"] == values(settings)
    assert made.outputs["eso"].keys() == {"release", "namespace"}
