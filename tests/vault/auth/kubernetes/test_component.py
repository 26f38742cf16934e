"""Kubernetes auth: how the server asks the cluster, and roles that bind exactly one service account."""

from typing import Any

import pulumi
import pytest

from strongroom.plan.plan import Plan
from strongroom.stage import Stage
from strongroom.vault.auth.kubernetes.component import (
    VaultKubernetesAuth,
    VaultKubernetesRoleArgs,
    VaultKubernetesRoles,
    deploy_methods,
)
from strongroom.vault.auth.kubernetes.plan import KubernetesMethod
from support.mocks import Recording, record

HOST = "https://cluster.example:6443"
CANARY = "canary-of-the-reviewer"
ROLE: VaultKubernetesRoleArgs = {
    "namespace": "payments",
    "service_account": "checkout",
    "audience": "vault-prod",
    "policies": ["prod.payments.checkout"],
    "token_ttl_seconds": 3600,
    "token_max_ttl_seconds": 14400,
}
METHOD = KubernetesMethod(
    slice="platform",
    mount="cluster-prod",
    kubernetes_host=HOST,
    ca_pem="CA",
    token_reviewer_jwt_from=("pulumi_config", "reviewer"),
    protect=True,
)


def _method(**keys: Any) -> Recording:
    args: Any = {"mount": "cluster-prod", "kubernetes_host": HOST, **keys}
    return record(lambda: VaultKubernetesAuth("auth", args))


def _role(**keys: Any) -> Recording:
    roles: Any = {"mount": "m", "roles": {"payments.checkout": {**ROLE, **keys}}}
    return record(lambda: VaultKubernetesRoles("r", roles))


def test_from_outside_the_cluster_the_server_has_an_authority_and_a_reviewer_and_looks_for_no_others() -> None:
    config = _method(ca_pem="CA", token_reviewer_jwt=CANARY).named("auth-config")
    assert config.type == "vault:kubernetes/authBackendConfig:AuthBackendConfig"
    assert config.inputs == {
        "backend": "cluster-prod",
        "kubernetesHost": HOST,
        "disableLocalCaJwt": True,
        "kubernetesCaCert": "CA",
        "tokenReviewerJwt": CANARY,
    }
    assert config.secrets == {"tokenReviewerJwt"}


def test_as_a_pod_of_the_cluster_the_server_uses_its_own() -> None:
    inputs = _method().named("auth-config").inputs
    assert inputs == {"backend": "cluster-prod", "kubernetesHost": HOST, "disableLocalCaJwt": False}


@pytest.mark.parametrize(
    ("given", "missing"), [({"ca_pem": "CA"}, "token_reviewer_jwt"), ({"token_reviewer_jwt": CANARY}, "ca_pem")]
)
def test_an_authority_without_a_reviewer_and_the_reverse_are_refused(given: dict[str, str], missing: str) -> None:
    with pytest.raises(ValueError, match=f"^auth: {missing} is missing; outside the cluster") as refused:
        _method(**given)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize("protect", [True, False])
def test_the_method_is_protected_as_told_and_takes_its_configuration_with_it(protect: bool) -> None:
    made = _method(protect_data=protect)
    assert made.named("auth-method").protect is protect
    assert not made.named("auth-config").protect
    assert made.named("auth-config").deleted_with == "auth-method"
    assert made.named("auth-config").depends_on == {"auth-method"}
    assert made.outputs["auth"] == {"mount": "cluster-prod"}


def test_a_role_binds_one_account_of_one_namespace_and_takes_no_default_policy() -> None:
    role = _role().named("r-payments.checkout")
    assert role.type == "vault:kubernetes/authBackendRole:AuthBackendRole"
    assert role.inputs == {
        "backend": "m",
        "roleName": "payments.checkout",
        "boundServiceAccountNamespaces": ["payments"],
        "boundServiceAccountNames": ["checkout"],
        "audience": "vault-prod",
        "aliasNameSource": "serviceaccount_name",
        "tokenPolicies": ["prod.payments.checkout"],
        "tokenNoDefaultPolicy": True,
        "tokenTtl": 3600,
        "tokenMaxTtl": 14400,
    }


@pytest.mark.parametrize("field", ["namespace", "service_account"])
@pytest.mark.parametrize("pattern", ["*", "check*", "*out", ""])
def test_a_pattern_instead_of_an_exact_name_is_refused(field: str, pattern: str) -> None:
    with pytest.raises(ValueError, match=r"^r: role payments\.checkout: '.*' is no exact name"):
        _role(**{field: pattern})


def _deployed(value: str | None) -> Recording:
    stage = Stage(secret=lambda *_reference: None if value is None else pulumi.Output.secret(value))
    return record(lambda: deploy_methods(Plan("prod", "all", (METHOD,)), stage))


def test_the_reviewers_token_is_a_secret_input_of_the_configuration_and_nowhere_else() -> None:
    made = _deployed(CANARY)
    assert made.named("auth-cluster-prod-config").secrets == {"tokenReviewerJwt"}
    rest = "".join(r.request for r in made.resources if r.name != "auth-cluster-prod-config")
    assert CANARY not in rest + str(made.outputs)


def test_a_reviewer_without_a_value_is_an_error_and_does_not_take_the_servers_token_away() -> None:
    with pytest.raises(ValueError, match="cluster-prod: token_reviewer_jwt has no value; set it with `pulumi config"):
        _deployed(None)
