"""The PKI engine: keys that are made in the server, an authority signed by another, and roles of listed names."""

from itertools import pairwise

import pytest

from strongroom.vault.pki.component import VaultPkiAuthority, VaultPkiRoleArgs, VaultPkiRoles
from support.mocks import Recording, record

ROLE: VaultPkiRoleArgs = {"allowed_domains": ["a.example"], "ttl_seconds": 60, "max_ttl_seconds": 120}


def _both(protect: bool = True) -> Recording:
    def program() -> None:
        root = VaultPkiAuthority(
            "root", {"mount": "pki-root", "common_name": "Root", "ttl_seconds": 200, "protect_data": protect}
        )
        VaultPkiAuthority(
            "pki",
            {
                "mount": "pki",
                "signed_by": root.mount,
                "common_name": "Issuing",
                "ttl_seconds": 100,
                "protect_data": protect,
            },
        )

    return record(program)


def test_all_keys_are_made_in_the_server_and_stay_there() -> None:
    made = _both()
    assert {name: made.named(name).inputs["type"] for name in ("root-key", "pki-key")} == {
        "root-key": "internal",
        "pki-key": "internal",
    }
    assert "PRIVATE" not in "".join(resource.request for resource in made.resources)


def test_the_root_signs_the_request_of_the_intermediate() -> None:
    made = _both()
    signed = made.named("pki-signed").inputs
    assert (signed["backend"], signed["csr"], signed["maxPathLength"], signed["ttl"]) == (
        "pki-root",
        "REQUEST",
        0,
        "100",
    )
    assert made.named("pki-certificate").inputs == {"backend": "pki", "certificate": "SIGNED"}
    assert "root-key" in made.waits_for("pki-signed")


def test_mounts_and_keys_are_protected_and_all_else_goes_with_the_mount() -> None:
    made = _both()
    assert {leaf.name for leaf in made.leaves if leaf.protect} == {"root-mount", "root-key", "pki-mount", "pki-key"}
    assert {leaf.deleted_with for leaf in made.leaves if leaf.parent == "pki"} == {"", "pki-mount"}
    assert not [leaf for leaf in _both(protect=False).leaves if leaf.protect]


def test_settings_of_a_mount_are_made_one_after_the_other_and_before_its_key() -> None:
    def program() -> None:
        VaultPkiAuthority(
            "root", {"mount": "r", "common_name": "Root", "ttl_seconds": 9, "base_url": "https://vault.example"}
        )

    made = record(program)
    order = ["root-urls", "root-crl", "root-tidy", "root-key"]
    for earlier, later in pairwise(order):
        assert earlier in made.waits_for(later)


def test_a_role_gives_no_name_that_is_not_listed() -> None:
    made = record(lambda: VaultPkiRoles("r", {"mount": "pki", "roles": {"payments.web": ROLE}}))
    inputs = made.named("r-payments.web").inputs
    assert inputs["allowedDomains"] == ["a.example"]
    for name in ("AnyName", "GlobDomains", "WildcardCertificates", "IpSans", "Localhost", "Subdomains"):
        assert inputs[f"allow{name}"] is False
    assert (inputs["serverFlag"], inputs["clientFlag"], inputs["ttl"], inputs["maxTtl"]) == (True, False, "60", "120")


@pytest.mark.parametrize("domains", [[], ["*"], ["*.example"]])
def test_any_name_or_none_is_refused(domains: list[str]) -> None:
    with pytest.raises(ValueError, match="list each domain"):
        record(
            lambda: VaultPkiRoles("r", {"mount": "m", "roles": {"x": {**ROLE, "allowed_domains": domains}}}),
        )
