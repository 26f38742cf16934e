"""OIDC auth: the provider's method, roles without policies of their own, and groups that carry them."""

from typing import Any

import pulumi
import pytest

from strongroom.plan.plan import Plan
from strongroom.stage import Stage
from strongroom.vault.auth.oidc.component import (
    VaultOidcAccess,
    VaultOidcAuth,
    VaultOidcAuthArgs,
    deploy,
    deploy_methods,
)
from strongroom.vault.auth.oidc.plan import OidcGroup, OidcMethod
from support.mocks import Recording, record

CANARY = "canary-of-the-client"
ARGS: VaultOidcAuthArgs = {
    "mount": "people-prod",
    "oidc_discovery_url": "https://login.example",
    "client_id": "vault",
    "client_secret": CANARY,
    "default_role": "staff",
}
ROLE: dict[str, Any] = {
    "redirect_uris": ["https://vault.example/ui/vault/auth/people-prod/oidc/callback"],
    "token_ttl_seconds": 3600,
    "token_max_ttl_seconds": 14400,
}


def _access(**keys: Any) -> Recording:
    args: Any = {"mount": "m", "accessor": "auth_oidc_1", "roles": {"staff": ROLE}, **keys}
    return record(lambda: VaultOidcAccess("a", args))


def test_the_method_is_of_type_oidc_and_its_clients_secret_is_a_secret_input() -> None:
    method = record(lambda: VaultOidcAuth("auth", {**ARGS, "ca_pem": "CA"})).named("auth-method")
    assert method.type == "vault:jwt/authBackend:AuthBackend"
    assert method.inputs == {
        "type": "oidc",
        "path": "people-prod",
        "description": "people, through the identity provider",
        "oidcDiscoveryUrl": "https://login.example",
        "oidcDiscoveryCaPem": "CA",
        "oidcClientId": "vault",
        "oidcClientSecret": CANARY,
        "defaultRole": "staff",
    }
    assert method.secrets == {"oidcClientSecret"}


@pytest.mark.parametrize("protect", [True, False])
def test_the_method_is_protected_as_told(protect: bool) -> None:
    made = record(lambda: VaultOidcAuth("auth", {**ARGS, "protect_data": protect}))
    assert made.named("auth-method").protect is protect


def test_a_role_tells_people_apart_by_what_is_never_given_to_somebody_else_and_has_no_policies() -> None:
    role = _access().named("a-staff")
    assert role.inputs == {
        "backend": "m",
        "roleName": "staff",
        "roleType": "oidc",
        "userClaim": "sub",
        "groupsClaim": "groups",
        "boundClaimsType": "string",
        "allowedRedirectUris": ROLE["redirect_uris"],
        "tokenTtl": 3600,
        "tokenMaxTtl": 14400,
    }


def test_a_role_binds_claims_and_asks_for_scopes_as_told() -> None:
    role = {**ROLE, "bound_claims": {"department": "payments"}, "scopes": ["groups"], "user_claim": "email"}
    inputs = _access(roles={"staff": role}).named("a-staff").inputs
    assert (inputs["boundClaims"], inputs["oidcScopes"]) == ({"department": "payments"}, ["groups"])
    assert inputs["userClaim"] == "email"


def test_a_group_is_external_carries_the_policies_and_is_known_by_the_providers_name_at_this_method_only() -> None:
    made = _access(groups={"prod.people.Ops": {"group": "Ops", "policies": ["prod.payments.operators"]}})
    group, alias = made.named("a-group-prod.people.Ops"), made.named("a-group-prod.people.Ops-alias")
    assert group.type == "vault:identity/group:Group"
    assert group.inputs == {
        "name": "prod.people.Ops",
        "type": "external",
        "policies": ["prod.payments.operators"],
        "externalMemberEntityIds": True,
    }
    assert alias.type == "vault:identity/groupAlias:GroupAlias"
    assert alias.inputs == {"name": "Ops", "mountAccessor": "auth_oidc_1", "canonicalId": f"{group.name}-id"}
    assert alias.deleted_with == group.name


METHOD = OidcMethod(
    slice="platform",
    mount="people-prod",
    oidc_discovery_url="https://login.example",
    ca_pem="",
    client_id="vault",
    client_secret_from=("environment_variable", "OIDC_SECRET"),
    default_role="staff",
    protect=True,
)
GROUP = OidcGroup(
    slice="platform",
    mount="people-prod",
    name="prod.people.Ops",
    group="Ops",
    workloads=("payments/operators",),
    role="staff",
    policies=("prod.payments.operators",),
)


def _deployed(value: str | None) -> Recording:
    def program() -> None:
        stage = Stage(secret=lambda *_reference: None if value is None else pulumi.Output.secret(value))
        plan = Plan("prod", "all", (METHOD, GROUP))
        deploy_methods(plan, stage)
        deploy(plan, stage)

    return record(program)


def test_the_clients_secret_is_an_input_of_the_method_and_nowhere_else() -> None:
    made = _deployed(CANARY)
    assert made.named("auth-people-prod-method").secrets == {"oidcClientSecret"}
    rest = "".join(r.request for r in made.resources if r.name != "auth-people-prod-method")
    assert CANARY not in rest + str(made.outputs)


def test_a_client_without_a_secret_is_an_error_that_says_where_to_put_it() -> None:
    with pytest.raises(ValueError, match="people-prod: client_secret has no value; set it with the variable OIDC_SEC"):
        _deployed(None)
