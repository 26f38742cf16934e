"""Secrets and rights in a cluster on Pulumi mocks: what is made, what is secret, and what is refused before that."""

from pathlib import Path
from typing import Any

import pulumi
import pytest

from strongroom.errors import StrongroomError
from strongroom.kubernetes import kubeconfig
from strongroom.kubernetes.access.component import KubernetesSecretAccess
from strongroom.kubernetes.secrets.component import KubernetesSecrets
from strongroom.program import deploy
from strongroom.safeguards.contents import Unasked
from strongroom.safeguards.deployed import deployed
from strongroom.safeguards.findings import find
from strongroom.safeguards.planned import planned
from strongroom.stage import Stage
from support import canary
from support.kubernetes_secrets import BROUGHT, ENVIRONMENT, FILES
from support.mocks import Recording, record
from support.projects import ProjectFolder

VALUE = "canary-in-string-data"
MIRROR = "kubernetes/prod-eu/platform-prod/secret/mirror"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProjectFolder:
    # The caller's kubeconfig leads where it should; that another is refused is tested where it is checked.
    monkeypatch.setattr(kubeconfig, "check", lambda _: None)
    return ProjectFolder(tmp_path, {**FILES, ENVIRONMENT: FILES[ENVIRONMENT] + BROUGHT})


def _made(project: ProjectFolder, preview: bool = False) -> Recording:
    def value(kind: str, name: str) -> pulumi.Output[str]:
        assert (kind, name) == ("pulumi_config", "mirror-password")
        return pulumi.Output.secret(VALUE)

    return record(lambda: deploy(project.plan("prod"), Stage(secret=value)), preview=preview)


def test_a_role_names_single_secrets_and_its_binding_waits_for_it(project: ProjectFolder) -> None:
    made = _made(project)
    role = made.named("prod-prod-eu-secret-access-payments-prod.payments.release")
    binding = made.named("prod-prod-eu-secret-access-payments-prod.payments.release-binding")
    about = {
        "namespace": "payments-prod",
        "name": "strongroom.payments.release",
        "labels": {
            "app.kubernetes.io/managed-by": "strongroom",
            "strongroom/environment": "prod",
            "strongroom/team": "payments",
            "strongroom/workload": "release",
        },
    }
    assert role.inputs == {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": about,
        "rules": [
            {
                "apiGroups": [""],
                "resources": ["secrets"],
                "resourceNames": ["stripe"],
                "verbs": ["get", "patch", "update"],
            }
        ],
    }
    assert binding.inputs == {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": about,
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "Role",
            "name": "strongroom.payments.release",
        },
        "subjects": [{"kind": "ServiceAccount", "namespace": "delivery-prod", "name": "release"}],
    }
    assert role.name in binding.depends_on
    assert role.parent == "prod-prod-eu-secret-access"


def test_all_of_it_goes_to_the_declared_cluster_and_nothing_holds_a_kept_value(project: ProjectFolder) -> None:
    made = _made(project)
    (provider,) = made.of("pulumi:providers:kubernetes")
    assert provider.inputs == {"context": "prod-eu", "enableSecretMutable": "true", "enableServerSideApply": "true"}
    assert {leaf.provider for leaf in made.leaves if leaf is not provider} == {"kubernetes-prod-eu"}
    assert [secret.name for secret in made.of("kubernetes:core/v1:Secret")] == ["prod-prod-eu-secrets-mirror"]


@pytest.mark.parametrize("preview", [False, True])
def test_a_brought_value_is_secret_in_what_is_sent_and_protected(project: ProjectFolder, preview: bool) -> None:
    made = _made(project, preview)
    secret = made.named("prod-prod-eu-secrets-mirror")
    assert secret.secrets == {"stringData"}
    assert secret.inputs["stringData"] == {"password": VALUE}
    assert secret.inputs["metadata"]["name"] == "mirror"
    assert "annotations" not in secret.inputs["metadata"]
    assert "immutable" not in secret.inputs
    assert secret.protect
    others = [resource for resource in made.resources if resource is not secret]
    assert not [resource.name for resource in others if canary.is_in(VALUE, resource.request)]
    assert not canary.is_in(VALUE, str(made.outputs))


def test_a_value_that_is_given_in_plain_text_becomes_a_secret() -> None:
    secret: Any = {"namespace": "n", "name": "s", "string_data": {"key": VALUE}, "immutable": True}
    args: Any = {"allow_values_in_state": "a test", "secrets": {"s": secret}}
    made = record(lambda: KubernetesSecrets("it", args)).named("it-s")
    assert made.secrets == {"stringData"}
    assert made.inputs["immutable"] is True


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_no_value_comes_to_a_state(reason: str) -> None:
    args: Any = {"allow_values_in_state": reason, "secrets": {}}
    with pytest.raises(ValueError, match="say in `allow_values_in_state` why"):
        record(lambda: KubernetesSecrets("it", args))


def test_a_value_that_is_nowhere_stops_the_deployment_and_says_how_to_set_it(project: ProjectFolder) -> None:
    said = (
        "password of Secret platform-prod/mirror in cluster prod-eu has no value; set it with "
        "`pulumi config set --secret strongroom:mirror-password`"
    )
    with pytest.raises(StrongroomError, match=said):
        record(lambda: deploy(project.plan("prod"), Stage(secret=lambda *_: None)))


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"verbs": ["get"], "names": []}, "a rule of Role n/r names no Secret, and so allows all"),
        ({"verbs": ["get", "list"], "names": ["s"]}, "verb 'list' of Role n/r is none of those"),
        ({"verbs": ["*"], "names": ["s"]}, r"verb '\*' of Role n/r"),
        ({"verbs": ["create"], "names": ["s"]}, "verb 'create' of Role n/r"),
    ],
)
def test_a_rule_that_would_reach_further_is_refused_before_anything_is_registered(rule: Any, says: str) -> None:
    args: Any = {"roles": {"r": {"namespace": "n", "name": "r", "rules": [rule], "accounts": []}}}
    with pytest.raises(ValueError, match=says):
        record(lambda: KubernetesSecretAccess("it", args))


def test_plan_and_state_speak_of_the_same_secret_and_what_would_be_lost_is_found(project: ProjectFolder) -> None:
    made = _made(project)
    resources = [{"urn": r.urn, "type": r.type, "protect": r.protect, "inputs": r.inputs} for r in made.leaves]
    now = deployed({"deployment": {"resources": resources}})
    wanted = planned(project.plan("prod"))
    assert wanted.keys() == now.holdings.keys() == {MIRROR}
    assert wanted[MIRROR].fixed == now.holdings[MIRROR].fixed == {"type": "Opaque"}
    unasked = Unasked("no server was asked")
    assert list(find(wanted, {}, now, unasked)) == []
    project.write(ENVIRONMENT, FILES[ENVIRONMENT])
    (lost,) = find(planned(project.plan("prod")), {}, now, unasked)
    assert lost.path == MIRROR
