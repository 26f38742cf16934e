"""Userpass auth: the method's limits, and users that are names with policies and nothing else."""

import pytest

from strongroom.vault.auth.userpass.component import VaultUserpassAuth, VaultUserpassUsers
from support.mocks import Recording, record


def _method(*, protect: bool = True) -> Recording:
    return record(
        lambda: VaultUserpassAuth(
            "auth",
            {
                "mount": "bootstrap-prod",
                "token_ttl_seconds": 3600,
                "token_max_ttl_seconds": 14400,
                "protect_data": protect,
            },
        )
    )


@pytest.mark.parametrize("protect", [True, False])
def test_the_limits_are_the_methods_own_and_it_is_protected_as_told(protect: bool) -> None:
    method = _method(protect=protect).named("auth-method")
    assert method.inputs == {
        "type": "userpass",
        "path": "bootstrap-prod",
        "description": "names and passwords, for bootstrapping",
        "tune": {"defaultLeaseTtl": "3600s", "maxLeaseTtl": "14400s"},
    }
    assert method.protect is protect


def test_a_user_is_a_name_at_this_method_with_policies_and_nothing_that_could_hold_a_password() -> None:
    users = {"prod.bootstrap.ada": {"username": "ada", "policies": ["prod.platform.setup"]}}
    made = record(lambda: VaultUserpassUsers("users", {"accessor": "auth_userpass_1", "users": users}))  # type: ignore[typeddict-item]
    assert {leaf.type for leaf in made.leaves} == {
        "vault:identity/entity:Entity",
        "vault:identity/entityAlias:EntityAlias",
    }
    entity, alias = made.named("users-prod.bootstrap.ada"), made.named("users-prod.bootstrap.ada-alias")
    assert entity.inputs == {"name": "prod.bootstrap.ada", "policies": ["prod.platform.setup"]}
    assert alias.inputs == {"name": "ada", "mountAccessor": "auth_userpass_1", "canonicalId": f"{entity.name}-id"}
    assert alias.deleted_with == entity.name
