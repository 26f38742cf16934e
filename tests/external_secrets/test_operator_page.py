"""The page about the operator: its example is what it says."""

from pathlib import Path

from strongroom.external_secrets.cluster.records import ClusterExternalSecret, ClusterSecretStore
from strongroom.external_secrets.generators.records import Generator
from strongroom.external_secrets.operator.plan import AccountTokens, ExternalSecretsOperator
from strongroom.external_secrets.push.records import PushSecret
from support.docs import example

PAGE = "kubernetes/external-secrets-operator.md"


def test_the_example_has_no_problem_and_makes_what_the_page_names(tmp_path: Path) -> None:
    project = example(PAGE, tmp_path)
    assert project.problems() == []
    plan = project.plan("prod")
    (operator,) = plan.of(ExternalSecretsOperator)
    assert operator.settings.processes == ("ClusterSecretStore", "ClusterExternalSecret", "PushSecret")
    assert [found.reference.kind for found in plan.of(Generator)] == [
        "VaultDynamicSecret",
        "ECRAuthorizationToken",
        "Password",
    ]
    assert [(t.namespace, t.service_account) for t in plan.of(AccountTokens)] == [
        ("external-secrets", "shared-reader"),
        ("shop", "web"),
    ]
    assert [store.name for store in plan.of(ClusterSecretStore)] == ["shared"]
    assert [secret.name for secret in plan.of(ClusterExternalSecret)] == ["smtp"]
    assert [push.secret for push in plan.of(PushSecret)] == ["shop/webhook-signing"]
