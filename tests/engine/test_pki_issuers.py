"""The rotation of an issuing authority: the next issuer takes over, and what the one before it issued stays good."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import hvac.exceptions
import pytest
import requests
from cryptography import x509
from cryptography.x509.oid import ExtensionOID
from cryptography.x509.verification import PolicyBuilder, Store

from strongroom.safeguards.guard import LossError
from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support.deployed import Deployed, deploy, write_project
from support.sandbox import running, without_cluster
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

MOUNT = "pki-turn"
NAME = "web.payments.example"
CATALOG = {
    "team": "payments",
    "workloads": {"checkout": runs_as("checkout")},
    "secrets": {"web": {"certificate": {"allowed_domains": [NAME], "ttl": "1h", "max_ttl": "2h"}}},
    "grants": [{"workload": "checkout", "secret": "web", "can": ["issue", "revoke"]}],
}


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed

    def fetched(self, path: str) -> bytes:
        """What anybody may fetch."""
        vault = self.sandbox.vault
        answer = requests.get(f"{vault.address}/v1/{path}", verify=str(vault.ca_file), timeout=10)
        answer.raise_for_status()
        return answer.content

    def issued(self) -> dict[str, str]:
        client = login(self.sandbox, self.deployed, "payments/checkout")
        return dict(client.write_data(f"{MOUNT}/issue/payments.web", data={"common_name": NAME})["data"])

    def revoke(self, issued: dict[str, str]) -> None:
        proof = {"certificate": issued["certificate"], "private_key": issued["private_key"]}
        login(self.sandbox, self.deployed, "payments/checkout").write_data(f"{MOUNT}/revoke-with-key", data=proof)

    def verify(self, issued: dict[str, str]) -> list[str]:
        """The chain of a certificate to the root, as a client builds it that knows the root alone."""
        root = x509.load_pem_x509_certificate(self.fetched(f"{MOUNT}-root/ca/pem"))
        leaf = x509.load_pem_x509_certificate(issued["certificate"].encode())
        issuing = x509.load_pem_x509_certificate(issued["issuing_ca"].encode())
        verifier = PolicyBuilder().store(Store([root])).build_server_verifier(x509.DNSName(NAME))
        return [certificate.subject.rfc4514_string() for certificate in verifier.verify(leaf, [issuing])]

    def revoked_by(self, issued: dict[str, str]) -> set[int]:
        """The serial numbers on the list that a certificate itself names, if its own issuer signed that."""
        leaf = x509.load_pem_x509_certificate(issued["certificate"].encode())
        points = leaf.extensions.get_extension_for_oid(ExtensionOID.CRL_DISTRIBUTION_POINTS).value
        (address,) = (name.value for point in points for name in point.full_name)  # type: ignore[attr-defined]
        answer = requests.get(address, verify=str(self.sandbox.vault.ca_file), timeout=10)
        crl = x509.load_der_x509_crl(answer.content)
        issuing = x509.load_pem_x509_certificate(issued["issuing_ca"].encode())
        assert crl.is_signature_valid(issuing.public_key())  # type: ignore[arg-type]
        return {entry.serial_number for entry in crl}


def _files(sandbox: Sandbox, **intermediate: Any) -> dict[str, Any]:
    engine = {
        "root": {"common_name": "Test Root", "ttl": "3650d"},
        "intermediate": {"common_name": "Test Issuing", "ttl": "1825d", **intermediate},
        "domains": {"payments": ["payments.example"]},
        "base_url": sandbox.vault.address,
    }
    return environment(sandbox, "turn", {"pki": engine})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, flavour: Flavour) -> Iterator[World]:
    with running(tmp_path_factory.mktemp("servers"), *without_cluster(flavour), flavour=flavour) as sandbox:
        folder = tmp_path_factory.mktemp("project")
        yield World(sandbox, deploy(sandbox, toolchain, folder, _files(sandbox), [CATALOG]))


def _redeploy(world: World, lose: str = "", **intermediate: Any) -> int:
    deployment, engine = world.deployed.deployment, world.deployed.engine
    write_project(deployment.project, _files(world.sandbox, **intermediate), [CATALOG])
    return deployment.up(engine, [lose] if lose else []).changed


def test_an_intermediate_is_rotated_and_both_chains_verify(world: World) -> None:
    before = world.issued()
    assert world.verify(before) == [f"CN={NAME}", "CN=Test Issuing", "CN=Test Root"]

    assert _redeploy(world, generations=[1, 2], issuing_generation=1) > 0
    assert world.verify(world.issued())[1] == "CN=Test Issuing", "the next one was made, and must not issue yet"

    assert _redeploy(world, generations=[1, 2]) > 0
    after = world.issued()
    assert world.verify(after) == [f"CN={NAME}", "CN=Test Issuing G2", "CN=Test Root"]
    assert world.verify(before) == [f"CN={NAME}", "CN=Test Issuing", "CN=Test Root"]
    assert _redeploy(world, generations=[1, 2]) == 0

    # The one before it signs no certificates any more, whoever asks, but still its own list.
    with pytest.raises(hvac.exceptions.VaultError, match="requested usage issuing-certificates"):
        world.sandbox.vault.root_client().write_data(
            f"{MOUNT}/issuer/generation-1/issue/payments.web", data={"common_name": NAME}
        )
    world.revoke(before)
    serial = x509.load_pem_x509_certificate(before["certificate"].encode()).serial_number
    world.sandbox.vault.root_client().read(f"{MOUNT}/crl/rotate")
    assert world.revoked_by(before) == {serial}
    assert world.revoked_by(after) == set()

    with pytest.raises(LossError, match="Test Issuing: it is not declared any more"):
        _redeploy(world, generations=[2])
    assert _redeploy(world, f"{MOUNT}/issuer/Test Issuing", generations=[2]) > 0
    kept = world.sandbox.vault.root_client().list(f"{MOUNT}/issuers")["data"]["key_info"].values()
    assert [issuer["issuer_name"] for issuer in kept] == ["generation-2"]
    assert world.verify(world.issued())[1] == "CN=Test Issuing G2"


def test_the_server_makes_lists_and_forgets_what_has_ended_by_itself(world: World) -> None:
    client = world.sandbox.vault.root_client()
    tidy = client.read(f"{MOUNT}/config/auto-tidy")["data"]
    assert {name: tidy[name] for name in ("enabled", "interval_duration", "safety_buffer", "tidy_cert_store")} == {
        "enabled": True,
        "interval_duration": 12 * 3600,
        "safety_buffer": 72 * 3600,
        "tidy_cert_store": True,
    }
    assert tidy["tidy_revoked_certs"]
    crl = client.read(f"{MOUNT}/config/crl")["data"]
    assert (crl["auto_rebuild"], crl["expiry"], crl["auto_rebuild_grace_period"]) == (True, "259200s", "43200s")
    assert (crl["disable"], crl["ocsp_disable"], crl["ocsp_expiry"]) == (False, False, "43200s")


def test_what_somebody_changed_by_hand_at_an_issuer_is_undone_in_whole(world: World) -> None:
    client = world.sandbox.vault.root_client()
    before = client.read(f"{MOUNT}/issuer/default")["data"]
    # The server takes what is left out for a wish to have none of it.
    client.write_data(f"{MOUNT}/issuer/default", data={"usage": "read-only"})
    assert client.read(f"{MOUNT}/issuer/default")["data"]["issuer_name"] == ""
    assert world.deployed.up().changed == 1
    assert client.read(f"{MOUNT}/issuer/default")["data"] == before
