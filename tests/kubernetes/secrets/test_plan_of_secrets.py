"""What a catalog becomes whose store is a cluster: Secrets that nobody deploys, and Roles that name them."""

from pathlib import Path

import pytest

from strongroom.kubernetes.access.plan import SecretRole
from strongroom.kubernetes.secrets.plan import DeployedKubernetesSecret, KubernetesSecret
from support import external_secrets_operator
from support.kubernetes_secrets import BROUGHT, CATALOG, ENVIRONMENT, SEARCH
from support.projects import ProjectFolder

OWN_PATTERN = """\
    kubernetes: {type: kubernetes.io/tls}
    patterns: {tls.crt: "ours.*"}"""
ALSO_READS = "  - {workload: release, secret: web, can: [read]}"


def _secrets(project: ProjectFolder) -> dict[str, KubernetesSecret]:
    return {secret.key: secret for secret in project.plan("prod").of(KubernetesSecret)}


def _roles(project: ProjectFolder) -> dict[str, SecretRole]:
    return {role.key: role for role in project.plan("prod").of(SecretRole)}


def test_a_secret_lies_in_the_first_namespace_of_its_team_unless_its_path_says_another(project: ProjectFolder) -> None:
    assert {key: secret.path for key, secret in _secrets(project).items()} == {
        "payments/registry": "payments-prod/registry-login",
        "payments/stripe": "payments-prod/stripe",
        "payments/web": "payments-prod/web",
        "search/batch": "search-batch/engine",
        "search/engine": "search-prod/engine",
    }


def test_a_team_of_which_nothing_is_said_has_the_namespace_of_its_name(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "        payments: [payments-prod]\n", "")
    project.replace(CATALOG, "    path: payments-prod/registry-login\n", "")
    assert {s.path for s in _secrets(project).values() if s.team == "payments"} == {
        "payments/registry",
        "payments/stripe",
        "payments/web",
    }


def test_a_secret_has_the_type_that_its_catalog_says_and_forms_of_that_type(project: ProjectFolder) -> None:
    found = _secrets(project)
    assert (found["payments/stripe"].type, found["payments/stripe"].immutable) == ("Opaque", False)
    assert (found["payments/registry"].type, found["payments/registry"].immutable) == (
        "kubernetes.io/dockerconfigjson",
        True,
    )
    web = found["payments/web"]
    assert web.pattern("tls.key") is not None
    assert found["payments/stripe"].patterns == ()
    project.replace(CATALOG, "    kubernetes: {type: kubernetes.io/tls}", OWN_PATTERN)
    assert _secrets(project)["payments/web"].pattern("tls.crt") == "ours.*"


def test_each_workload_has_one_role_in_each_namespace_with_single_secrets_by_name(project: ProjectFolder) -> None:
    found = {
        key: (
            [(rule.verbs, rule.names) for rule in role.rules],
            [str(account) for account in role.accounts],
        )
        for key, role in _roles(project).items()
    }
    indexer = ["search-batch/indexer", "search-prod/indexer"]
    assert found == {
        "prod-eu/payments-prod/strongroom.payments.checkout": (
            [(("get",), ("stripe", "web"))],
            ["payments-prod/checkout"],
        ),
        "prod-eu/payments-prod/strongroom.payments.release": (
            [(("get", "patch", "update"), ("stripe",))],
            ["delivery-prod/release"],
        ),
        "prod-eu/payments-prod/strongroom.search.indexer": ([(("get",), ("stripe",))], indexer),
        "prod-eu/search-batch/strongroom.search.indexer": ([(("get",), ("engine",))], indexer),
        "prod-eu/search-prod/strongroom.search.indexer": ([(("get",), ("engine",))], indexer),
    }


def test_who_applies_a_role_is_the_team_of_the_workload(project: ProjectFolder) -> None:
    assert {(role.workload, role.slice) for role in _roles(project).values()} == {
        ("checkout", "payments"),
        ("release", "payments"),
        ("indexer", "search"),
    }


def test_secrets_of_equal_rights_are_one_rule_and_others_another(project: ProjectFolder) -> None:
    project.replace(
        CATALOG, "secret: stripe, can: [read, write]}", "secret: stripe, can: [read, write]}\n" + ALSO_READS
    )
    role = _roles(project)["prod-eu/payments-prod/strongroom.payments.release"]
    assert [(rule.verbs, rule.names) for rule in role.rules] == [
        (("get",), ("web",)),
        (("get", "patch", "update"), ("stripe",)),
    ]


def test_what_is_delivered_to_a_workload_is_in_the_same_role(tmp_path: Path) -> None:
    project = ProjectFolder(tmp_path, external_secrets_operator.FILES)
    assert _roles(project)["eu/payments/strongroom.payments.checkout"].rules[0].names == ("stripe",)
    project.replace(ENVIRONMENT, "stores:\n", "stores:\n  eu: {kubernetes_secrets: {cluster: eu}}\n")
    project.replace(CATALOG, "secrets:\n", "secrets:\n  local: {fields: [key], store: eu}\n")
    project.replace(CATALOG, "grants:\n", "grants:\n  - {workload: checkout, secret: local, can: [read]}\n")
    (rule,) = _roles(project)["eu/payments/strongroom.payments.checkout"].rules
    assert (rule.verbs, rule.names) == (("get",), ("local", "stripe"))


def test_a_brought_secret_is_references_and_says_why(project: ProjectFolder) -> None:
    project.append(ENVIRONMENT, BROUGHT)
    (found,) = project.plan("prod").of(DeployedKubernetesSecret)
    assert (found.namespace, found.name, found.type) == ("platform-prod", "mirror", "Opaque")
    assert found.string_data_from == (("password", "pulumi_config", "mirror-password"),)
    assert (found.slice, found.protect) == ("platform", True)
    assert found.reason == "the mirror is there before any store is"


def test_a_grant_more_does_not_move_a_secret(project: ProjectFolder) -> None:
    before = {key: secret.path for key, secret in _secrets(project).items()}
    project.replace(SEARCH, "grants:\n", "grants:\n  - {workload: payments/checkout, secret: engine, can: [read]}\n")
    assert {key: secret.path for key, secret in _secrets(project).items()} == before


@pytest.mark.parametrize("slice_name", ["platform", "payments", "search"])
def test_slices_share_nothing(project: ProjectFolder, slice_name: str) -> None:
    project.append(ENVIRONMENT, BROUGHT)
    whole = project.plan("prod")
    assert {r.slice for r in whole.cut(slice_name).records} == {slice_name}
