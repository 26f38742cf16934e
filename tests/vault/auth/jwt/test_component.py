"""JWT: the method of one issuer, and roles that bind whose tokens they are for."""

from typing import Any

import pulumi
import pytest

from strongroom.vault.auth.jwt.component import VaultJwtAuth, VaultJwtAuthArgs, VaultJwtRoleArgs, VaultJwtRoles
from support.mocks import record

ISSUER = "https://oidc.example"
ROLE: VaultJwtRoleArgs = {
    "audiences": ["vault-prod"],
    "subject": "system:serviceaccount:payments:checkout",
    "policies": ["prod.payments.checkout"],
    "token_ttl_seconds": 3600,
    "token_max_ttl_seconds": 14400,
}


def _method(**keys: Any) -> dict[str, Any]:
    args: VaultJwtAuthArgs = {"mount": "cluster-prod", "issuer": ISSUER, **keys}  # type: ignore[typeddict-item]
    return record(lambda: VaultJwtAuth("auth", args)).named("auth-method").inputs


def test_keys_by_discovery_trust_the_given_authority_for_discovery_only() -> None:
    inputs = _method(oidc_discovery_url=ISSUER, ca_pem="CA")
    assert inputs["oidcDiscoveryUrl"] == inputs["boundIssuer"] == ISSUER
    assert inputs["oidcDiscoveryCaPem"] == "CA"
    assert not {"jwksUrl", "jwksCaPem", "jwtValidationPubkeys"} & inputs.keys()


def test_keys_by_url_trust_the_given_authority_for_that_url_only() -> None:
    inputs = _method(jwks_url="https://oidc.example/keys", ca_pem="CA")
    assert (inputs["jwksUrl"], inputs["jwksCaPem"]) == ("https://oidc.example/keys", "CA")
    assert not {"oidcDiscoveryUrl", "oidcDiscoveryCaPem"} & inputs.keys()


def test_static_keys_are_given_as_they_are() -> None:
    assert _method(public_keys=["PEM"])["jwtValidationPubkeys"] == ["PEM"]


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({}, "nowhere"),
        ({"public_keys": []}, "nowhere"),
        ({"oidc_discovery_url": ""}, "nowhere"),
        ({"oidc_discovery_url": ISSUER, "jwks_url": "https://j"}, "oidc_discovery_url and jwks_url"),
        ({"jwks_url": "https://j", "public_keys": ["PEM"]}, "jwks_url and public_keys"),
    ],
)
def test_none_or_several_sources_of_keys_are_refused(keys: dict[str, Any], found: str) -> None:
    with pytest.raises(ValueError, match=f"^auth: keys come from {found}; name exactly one of oidc_discovery_url"):
        _method(**keys)


@pytest.mark.parametrize("protect", [True, False])
def test_the_method_is_protected_as_told(protect: bool) -> None:
    args: VaultJwtAuthArgs = {"mount": "m", "issuer": ISSUER, "jwks_url": "https://j", "protect_data": protect}
    made = record(lambda: VaultJwtAuth("auth", args))
    assert made.named("auth-method").protect is protect
    assert made.named("auth-method").parent == "auth"
    assert made.outputs["auth"] == {"mount": "m"}


def test_a_role_binds_audience_and_subject_and_takes_no_default_policy() -> None:
    made = record(lambda: VaultJwtRoles("r", {"mount": "m", "roles": {"payments.checkout": ROLE}}))
    role = made.named("r-payments.checkout")
    assert role.type == "vault:jwt/authBackendRole:AuthBackendRole"
    assert role.parent == "r"
    assert role.inputs == {
        "backend": "m",
        "roleName": "payments.checkout",
        "roleType": "jwt",
        "userClaim": "sub",
        "boundAudiences": ["vault-prod"],
        "boundSubject": "system:serviceaccount:payments:checkout",
        "boundClaimsType": "string",
        "tokenPolicies": ["prod.payments.checkout"],
        "tokenNoDefaultPolicy": True,
        "tokenTtl": 3600,
        "tokenMaxTtl": 14400,
    }


def test_a_role_tells_who_logs_in_by_another_claim_and_reads_groups_where_told() -> None:
    role: VaultJwtRoleArgs = {**ROLE, "user_claim": "repository", "groups_claim": "groups"}
    inputs = record(lambda: VaultJwtRoles("r", {"mount": "m", "roles": {"a": role}})).named("r-a").inputs
    assert (inputs["userClaim"], inputs["groupsClaim"]) == ("repository", "groups")


@pytest.mark.parametrize("nothing", [{}, {"subject": ""}, {"claims": {}}, {"subject": "", "claims": {}}])
def test_a_role_that_binds_neither_subject_nor_claims_is_refused(nothing: dict[str, Any]) -> None:
    role = {key: value for key, value in ROLE.items() if key != "subject"} | nothing
    roles: Any = {"mount": "m", "roles": {"payments.checkout": role}}
    with pytest.raises(ValueError, match=r"^r: role payments\.checkout binds neither subject nor claims"):
        record(lambda: VaultJwtRoles("r", roles))


def test_subject_and_claims_may_be_outputs() -> None:
    def program() -> None:
        a: VaultJwtRoleArgs = {**ROLE, "subject": pulumi.Output.from_input("me")}
        b: VaultJwtRoleArgs = {**ROLE, "claims": pulumi.Output.from_input({"repository": "acme/payments"})}
        VaultJwtRoles("r", {"mount": "m", "roles": {"a": a, "b": b}})

    made = record(program)
    assert made.named("r-a").inputs["boundSubject"] == "me"
    assert made.named("r-b").inputs["boundClaims"] == {"repository": "acme/payments"}
