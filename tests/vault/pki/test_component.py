"""The PKI engine: keys that are made in the server, an authority signed by another, and roles of listed names."""

import json
from itertools import pairwise
from typing import Any, cast

import pytest

from strongroom.vault.pki.authority import VaultPkiAuthority, VaultPkiAuthorityArgs
from strongroom.vault.pki.roles import VaultPkiAcme, VaultPkiAcmeArgs, VaultPkiRoleArgs, VaultPkiRoles
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
    made = record(lambda: VaultPkiAuthority("root", {"mount": "r", "common_name": "Root", "ttl_seconds": 9}))
    for earlier, later in pairwise(["root-crl", "root-tidy", "root-key", "root-issuer", "root-default"]):
        assert earlier in made.waits_for(later)


def _issuing(**args: Any) -> Recording:
    wanted: VaultPkiAuthorityArgs = {
        "mount": "pki",
        "signed_by": "pki-root",
        "common_name": "Issuing",
        "ttl_seconds": 9,
        "api_url": "https://vault.example/v1",
    }
    return record(lambda: VaultPkiAuthority("pki", cast("VaultPkiAuthorityArgs", {**wanted, **args})))


def _issuer(made: Recording, name: str = "pki-issuer") -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(made.named(name).inputs["dataJson"])
    return settings


def test_an_issuer_is_written_in_whole_and_says_where_its_own_list_is() -> None:
    made = _issuing()
    assert made.named("pki-issuer").inputs["path"] == "pki/issuer/ISSUER"
    assert _issuer(made) == {
        "issuer_name": "generation-1",
        "leaf_not_after_behavior": "err",
        "usage": "crl-signing,issuing-certificates,ocsp-signing,read-only",
        "issuing_certificates": ["https://vault.example/v1/pki/issuer/generation-1/der"],
        "crl_distribution_points": ["https://vault.example/v1/pki/issuer/generation-1/crl/der"],
        "ocsp_servers": ["https://vault.example/v1/pki/ocsp"],
    }


def test_certificates_say_no_addresses_where_there_are_none_to_say() -> None:
    for name in ("issuing_certificates", "crl_distribution_points", "ocsp_servers"):
        assert _issuer(_issuing(api_url=""))[name] == []
    assert _issuer(_issuing(ocsp=False))["ocsp_servers"] == []


def test_a_rotation_lets_the_next_generation_issue_before_the_one_before_it_stops() -> None:
    made = _issuing(generations=[1, 2])
    order = [
        "pki-key", "pki-signed", "pki-certificate",
        "pki-key-2", "pki-signed-2", "pki-certificate-2",
        "pki-issuer-2", "pki-default", "pki-issuer",
    ]  # fmt: skip
    for earlier, later in pairwise(order):
        assert earlier in made.waits_for(later)
    assert "issuing-certificates" in _issuer(made, "pki-issuer-2")["usage"]
    assert "issuing-certificates" not in _issuer(made)["usage"]
    assert [made.named(name).inputs["commonName"] for name in ("pki-signed", "pki-signed-2")] == [
        "Issuing",
        "Issuing G2",
    ]
    assert made.named("pki-key-2").protect
    assert made.named("pki-default").inputs["defaultFollowsLatestIssuer"] is False


def test_a_next_generation_can_be_made_before_it_issues() -> None:
    made = _issuing(generations=[1, 2], issuing_generation=1)
    assert "issuing-certificates" in _issuer(made)["usage"]
    assert "issuing-certificates" not in _issuer(made, "pki-issuer-2")["usage"]


def test_a_generation_that_does_not_exist_cannot_issue() -> None:
    with pytest.raises(ValueError, match="issuing_generation 3 is none of the generations"):
        _issuing(generations=[1, 2], issuing_generation=3)


def test_the_mount_lets_the_headers_of_acme_through_only_where_there_is_acme() -> None:
    inputs = _issuing(acme=True).named("pki-mount").inputs
    assert inputs["allowedResponseHeaders"] == ["Last-Modified", "Location", "Replay-Nonce", "Link"]
    assert inputs["passthroughRequestHeaders"] == ["If-Modified-Since"]
    assert not {"allowedResponseHeaders", "passthroughRequestHeaders"} & _issuing().named("pki-mount").inputs.keys()


ACME: VaultPkiAcmeArgs = {
    "mount": "pki",
    "enabled": True,
    "api_url": "https://vault.example/v1",
    "allowed_roles": ["payments.web"],
    "allowed_issuers": ["generation-1"],
}


def test_acme_is_for_listed_roles_and_bound_accounts_and_its_default_directory_is_closed() -> None:
    made = record(lambda: VaultPkiAcme("acme", ACME))
    inputs = made.named("acme-config").inputs
    assert (inputs["enabled"], inputs["eabPolicy"], inputs["defaultDirectoryPolicy"]) == (
        True,
        "always-required",
        "forbid",
    )
    assert (inputs["allowedRoles"], inputs["allowedIssuers"]) == (["payments.web"], ["generation-1"])
    assert made.named("acme-cluster").inputs["path"] == "https://vault.example/v1/pki"
    assert "acme-cluster" in made.waits_for("acme-config")


def test_the_lifetime_of_certificates_by_acme_is_the_servers_own_unless_said_otherwise() -> None:
    assert "maxTtl" not in record(lambda: VaultPkiAcme("acme", ACME)).named("acme-config").inputs
    limited: VaultPkiAcmeArgs = {**ACME, "max_ttl_seconds": 86400}
    assert record(lambda: VaultPkiAcme("acme", limited)).named("acme-config").inputs["maxTtl"] == 86400


def test_acme_is_turned_off_and_not_just_forgotten() -> None:
    made = record(lambda: VaultPkiAcme("acme", {"mount": "pki", "enabled": False}))
    assert [leaf.name for leaf in made.leaves] == ["acme-config"]
    assert made.named("acme-config").inputs["enabled"] is False
    assert made.named("acme-config").inputs["defaultDirectoryPolicy"] == "forbid"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"allowed_roles": []}, "list each"),
        ({"allowed_roles": ["*"]}, "list each"),
        ({"allowed_issuers": []}, "list each"),
        ({"allowed_issuers": ["*"]}, "list each"),
        ({"api_url": ""}, "api_url is missing"),
    ],
    ids=str,
)
def test_acme_for_everybody_or_from_nowhere_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        record(lambda: VaultPkiAcme("acme", cast("VaultPkiAcmeArgs", {**ACME, **wrong})))


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
