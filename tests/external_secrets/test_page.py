"""The page about deliveries: its example is what it says."""

import json
from pathlib import Path

from strongroom.external_secrets.document import external_secret
from strongroom.external_secrets.records import ExternalSecret, SecretStore, ServiceAccount
from strongroom.kubernetes.access.plan import SecretRole
from support.docs import example

PAGE = "kubernetes/external-secrets.md"


def test_the_example_has_no_problem_and_makes_what_the_page_names(tmp_path: Path) -> None:
    project = example(PAGE, tmp_path)
    assert project.problems() == []
    plan = project.plan("prod")
    assert sorted(store.key for store in plan.of(SecretStore)) == [
        "legacy/default/aws-secrets",
        "main/payments/checkout-kv",
    ]
    assert [secret.name for secret in plan.of(ExternalSecret)] == ["db-credentials", "partner", "registry", "stripe"]
    (account,) = plan.of(ServiceAccount)
    assert dict(account.annotations) == {
        "eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/strongroom/prod/prod.payments.backend"
    }
    names = {name for role in plan.of(SecretRole) for rule in role.rules for name in rule.names}
    assert names == {"db-credentials", "partner", "registry", "stripe"}


def test_the_template_of_the_page_is_the_operators_and_not_ours(tmp_path: Path) -> None:
    plan = example(PAGE, tmp_path).plan("prod")
    (registry,) = [external_secret(secret) for secret in plan.of(ExternalSecret) if secret.name == "registry"]
    template = registry["spec"]["target"]["template"]
    text = template["data"][".dockerconfigjson"]
    filled = text.replace("{{ .username | toJson }}", '"u"').replace("{{ .password | toJson }}", '"p"')
    assert json.loads(filled) == {"auths": {"ghcr.io": {"username": "u", "password": "p"}}}
    assert template["type"] == "kubernetes.io/dockerconfigjson"
