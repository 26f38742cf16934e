"""Certificate auth: roles that are bound to one exact name in the certificates of one authority."""

from typing import Any

import pytest

from strongroom.vault.auth.cert.component import VaultCertAuth, VaultCertRoleArgs, VaultCertRoles
from support.mocks import Recording, record

ROLE: VaultCertRoleArgs = {
    "ca_pem": "CA",
    "dns_san": "checkout.payments.example",
    "policies": ["prod.payments.checkout"],
    "token_ttl_seconds": 3600,
    "token_max_ttl_seconds": 14400,
}


def _role(**keys: Any) -> Recording:
    roles: Any = {"mount": "m", "roles": {"payments.checkout": {**ROLE, **keys}}}
    return record(lambda: VaultCertRoles("r", roles))


@pytest.mark.parametrize("protect", [True, False])
def test_the_method_is_protected_as_told(protect: bool) -> None:
    method = record(lambda: VaultCertAuth("auth", {"mount": "hosts", "protect_data": protect})).named("auth-method")
    assert (method.inputs["type"], method.inputs["path"], method.protect) == ("cert", "hosts", protect)


def test_a_role_binds_one_name_of_one_authority_and_takes_no_default_policy() -> None:
    role = _role().named("r-payments.checkout")
    assert role.type == "vault:index/certAuthBackendRole:CertAuthBackendRole"
    assert role.inputs == {
        "backend": "m",
        "name": "payments.checkout",
        "certificate": "CA",
        "allowedDnsSans": ["checkout.payments.example"],
        "tokenPolicies": ["prod.payments.checkout"],
        "tokenNoDefaultPolicy": True,
        "tokenTtl": 3600,
        "tokenMaxTtl": 14400,
    }


def test_a_role_may_bind_a_uri_instead() -> None:
    inputs = _role(dns_san="", uri_san="spiffe://acme.example/checkout").named("r-payments.checkout").inputs
    assert inputs["allowedUriSans"] == ["spiffe://acme.example/checkout"]
    assert "allowedDnsSans" not in inputs


def test_a_common_name_is_bound_in_addition() -> None:
    inputs = _role(common_name="checkout").named("r-payments.checkout").inputs
    assert inputs["allowedCommonNames"] == ["checkout"]
    assert inputs["allowedDnsSans"] == ["checkout.payments.example"]


@pytest.mark.parametrize(
    "names",
    [{"dns_san": ""}, {"dns_san": "*"}, {"dns_san": "*.example"}, {"uri_san": "spiffe://*"}, {"common_name": "a*"}],
)
def test_a_role_without_a_name_or_with_a_pattern_is_refused(names: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"^r: role payments\.checkout is bound to .*; name one exactly"):
        _role(**names)
