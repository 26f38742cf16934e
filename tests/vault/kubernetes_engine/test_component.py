"""The Kubernetes engine: whose token makes the others, and roles that give nobody more than is listed."""

import json
from typing import Any, cast

import pytest

from strongroom.vault.kubernetes_engine.component import (
    VaultKubernetesEngine,
    VaultKubernetesEngineArgs,
    VaultKubernetesTokenRoleArgs,
    VaultKubernetesTokenRoles,
)
from support.mocks import Recording, record

OUTSIDE: VaultKubernetesEngineArgs = {
    "mount": "kubernetes-eu",
    "kubernetes_host": "https://cluster.example",
    "ca_pem": "CA",
    "service_account_jwt": "canary-token",
}
EXISTING: VaultKubernetesTokenRoleArgs = {
    "namespaces": ["shop"],
    "service_account": "deployer",
    "ttl_seconds": 600,
    "max_ttl_seconds": 1200,
}


def _role(args: dict[str, Any]) -> Recording:
    roles = {"shop.r": cast("VaultKubernetesTokenRoleArgs", args)}
    return record(lambda: VaultKubernetesTokenRoles("k", {"mount": "kubernetes-eu", "roles": roles}))


def _rules(**changed: Any) -> str:
    return json.dumps({"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"], **changed}]})


def test_the_token_that_makes_the_others_is_a_secret() -> None:
    leaf = record(lambda: VaultKubernetesEngine("k", OUTSIDE)).named("k-mount")
    assert leaf.secrets == {"serviceAccountJwt"}
    assert leaf.inputs["disableLocalCaJwt"] is True
    assert leaf.protect


def test_a_server_that_is_a_pod_of_the_cluster_is_given_no_token() -> None:
    made = record(
        lambda: VaultKubernetesEngine(
            "k", {"mount": "m", "kubernetes_host": "https://cluster.example", "protect_data": False}
        )
    )
    leaf = made.named("k-mount")
    assert not {"serviceAccountJwt", "kubernetesCaCert"} & leaf.inputs.keys()
    assert leaf.inputs["disableLocalCaJwt"] is False
    assert not leaf.protect


@pytest.mark.parametrize("missing", ["ca_pem", "service_account_jwt"])
def test_half_of_what_a_server_outside_needs_is_refused(missing: str) -> None:
    args = cast("VaultKubernetesEngineArgs", {name: value for name, value in OUTSIDE.items() if name != missing})
    with pytest.raises(ValueError, match=f"{missing} is missing"):
        record(lambda: VaultKubernetesEngine("k", args))


def test_tokens_of_an_account_that_exists_bring_nothing_else() -> None:
    inputs = _role(dict(EXISTING)).named("k-shop.r").inputs
    assert inputs["serviceAccountName"] == "deployer"
    assert inputs["allowedKubernetesNamespaces"] == ["shop"]
    assert (inputs["tokenDefaultTtl"], inputs["tokenMaxTtl"]) == (600, 1200)
    assert not {"generatedRoleRules", "nameTemplate", "allowedKubernetesNamespaceSelector"} & inputs.keys()


def test_lists_are_in_the_servers_own_order() -> None:
    inputs = _role({**EXISTING, "namespaces": ["b", "a", "b"], "audiences": ["y", "x"]}).named("k-shop.r").inputs
    assert inputs["allowedKubernetesNamespaces"] == ["a", "b"]
    assert inputs["tokenDefaultAudiences"] == ["x", "y"]
    assert "tokenDefaultAudiences" not in _role(dict(EXISTING)).named("k-shop.r").inputs


def test_an_account_that_is_made_has_its_rights_in_one_namespace_and_a_name_that_says_whose_it_is() -> None:
    args = {name: value for name, value in EXISTING.items() if name != "service_account"}
    inputs = _role({**args, "rules": _rules(), "name_prefix": "shop.r"}).named("k-shop.r").inputs
    assert json.loads(inputs["generatedRoleRules"]) == json.loads(_rules())
    assert inputs["kubernetesRoleType"] == "Role"
    assert inputs["nameTemplate"] == "shop.r-{{ random 20 | lowercase }}"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({**EXISTING, "namespaces": []}, "list each namespace"),
        ({**EXISTING, "namespaces": ["*"]}, "list each namespace"),
        ({**EXISTING, "rules": _rules()}, "either a service_account or rules"),
        ({"namespaces": ["shop"]}, "either a service_account or rules"),
        *(
            ({"namespaces": ["shop"], "rules": _rules(**changed)}, "list each, without")
            for changed in (
                {"verbs": ["*"]},
                {"verbs": ["escalate"]},
                {"verbs": ["bind"]},
                {"verbs": ["impersonate"]},
                {"resources": ["*"]},
                {"apiGroups": ["*"]},
                {"resources": []},
            )
        ),
    ],
    ids=str,
)
def test_more_than_what_is_listed_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        _role(wrong)
