"""AppRole: the method, and roles that can be used once and briefly."""

import pytest

from strongroom.vault.auth.approle.component import VaultAppRoleArgs, VaultAppRoleAuth, VaultAppRoles
from support.mocks import record

ROLE: VaultAppRoleArgs = {
    "policies": ["prod.payments.settlement"],
    "token_ttl_seconds": 3600,
    "token_max_ttl_seconds": 14400,
}


@pytest.mark.parametrize("protect", [True, False])
def test_the_method_is_protected_as_told(protect: bool) -> None:
    made = record(lambda: VaultAppRoleAuth("auth", {"mount": "machines-prod", "protect_data": protect}))
    method = made.named("auth-method")
    assert method.type == "vault:index/authBackend:AuthBackend"
    assert (method.inputs["type"], method.inputs["path"]) == ("approle", "machines-prod")
    assert method.parent == "auth"
    assert method.protect is protect
    assert made.outputs["auth"] == {"mount": "machines-prod"}


def test_the_method_is_protected_by_default() -> None:
    assert record(lambda: VaultAppRoleAuth("auth", {"mount": "m"})).named("auth-method").protect


def test_a_secret_id_is_single_use_and_short_lived_by_default() -> None:
    made = record(lambda: VaultAppRoles("r", {"mount": "m", "roles": {"payments.settlement": ROLE}}))
    role = made.named("r-payments.settlement")
    assert role.type == "vault:appRole/authBackendRole:AuthBackendRole"
    assert role.parent == "r"
    assert role.inputs == {
        "backend": "m",
        "roleName": "payments.settlement",
        "bindSecretId": True,
        "secretIdTtl": 900,
        "secretIdNumUses": 1,
        "tokenPolicies": ["prod.payments.settlement"],
        "tokenNoDefaultPolicy": True,
        "tokenTtl": 3600,
        "tokenMaxTtl": 14400,
    }


def test_networks_bind_the_secret_id_and_the_token() -> None:
    args: VaultAppRoleArgs = {**ROLE, "bound_cidrs": ["10.0.0.0/8"], "secret_id_ttl_seconds": 60, "secret_id_uses": 5}
    made = record(lambda: VaultAppRoles("r", {"mount": "m", "roles": {"a": args}}))
    inputs = made.named("r-a").inputs
    assert inputs["secretIdBoundCidrs"] == inputs["tokenBoundCidrs"] == ["10.0.0.0/8"]
    assert (inputs["secretIdTtl"], inputs["secretIdNumUses"]) == (60, 5)


def test_no_secret_id_is_ever_made_here() -> None:
    def program() -> None:
        VaultAppRoleAuth("auth", {"mount": "m"})
        VaultAppRoles("r", {"mount": "m", "roles": {"a": ROLE}})

    assert not [leaf for leaf in record(program).leaves if "SecretId" in leaf.type]
