"""TLS certificates: the deployed authorities issue for those who were granted it, and for no other name."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import hvac
import hvac.exceptions
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.proof.leaks import all_files, find
from strongroom_sandbox.toolchain import Toolchain
from support.deployed import Deployed, deploy
from support.sandbox import running, without_cluster
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

MOUNT = "pki-pkitest"
NAME = "checkout.payments.example"
CATALOG = {
    "team": "payments",
    "workloads": {"checkout": runs_as("checkout"), "stranger": runs_as("stranger")},
    "secrets": {"web": {"certificate": {"allowed_domains": [NAME], "ttl": "1h", "max_ttl": "2h"}}},
    "grants": [{"workload": "checkout", "secret": "web", "can": ["issue", "sign", "revoke"]}],
}


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed

    def client(self, workload: str = "checkout") -> hvac.Client:
        return login(self.sandbox, self.deployed, f"payments/{workload}")

    def authority(self, mount: str) -> x509.Certificate:
        """What anybody may fetch."""
        server = self.sandbox.vault
        answer = requests.get(f"{server.address}/v1/{mount}/ca/pem", verify=str(server.ca_file), timeout=10)
        return x509.load_pem_x509_certificate(answer.content)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, flavour: Flavour) -> Iterator[World]:
    with running(tmp_path_factory.mktemp("servers"), *without_cluster(flavour), flavour=flavour) as sandbox:
        engine = {
            "root": {"common_name": "Test Root", "ttl": "3650d"},
            "intermediate": {"common_name": "Test Issuing", "ttl": "1825d"},
            "domains": {"payments": ["payments.example"]},
            "base_url": sandbox.vault.address,
        }
        files = environment(sandbox, "pkitest", {"pki": engine})
        yield World(sandbox, deploy(sandbox, toolchain, tmp_path_factory.mktemp("project"), files, [CATALOG]))


def _issue(client: hvac.Client, **wanted: object) -> dict[str, str]:
    answer = client.write_data(f"{MOUNT}/issue/payments.web", data={"common_name": NAME, **wanted})
    return dict(answer["data"])


def test_a_certificate_chains_to_the_root_and_is_for_that_name_only(world: World) -> None:
    leaf = x509.load_pem_x509_certificate(_issue(world.client())["certificate"].encode())
    issuing, root = world.authority(MOUNT), world.authority(f"{MOUNT}-root")
    chain = PolicyBuilder().store(Store([root])).build_server_verifier(x509.DNSName(NAME)).verify(leaf, [issuing])
    assert [certificate.subject.rfc4514_string() for certificate in chain] == [
        f"CN={NAME}",
        "CN=Test Issuing",
        "CN=Test Root",
    ]
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(hours=1, seconds=30)
    assert issuing.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0


def test_a_request_is_signed_and_the_key_stays_with_its_owner(world: World) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    answer = world.client().write_data(
        f"{MOUNT}/sign/payments.web", data={"csr": request.public_bytes(Encoding.PEM).decode(), "common_name": NAME}
    )["data"]
    leaf = x509.load_pem_x509_certificate(answer["certificate"].encode())
    assert leaf.public_key() == key.public_key()
    assert "private_key" not in answer


@pytest.mark.parametrize(
    "wanted",
    [
        {"common_name": "identity.example"},
        {"common_name": f"below.{NAME}"},
        {"common_name": f"*.{NAME}"},
        {"common_name": "localhost"},
        {"alt_names": "identity.example"},
        {"ip_sans": "127.0.0.1"},
        {"uri_sans": "spiffe://identity.example"},
    ],
    ids=str,
)
def test_a_foreign_name_is_refused(world: World, wanted: dict[str, object]) -> None:
    with pytest.raises(hvac.exceptions.InvalidRequest):
        _issue(world.client(), **wanted)


def test_another_workload_is_refused(world: World) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        _issue(world.client("stranger"))


@pytest.mark.parametrize(
    "path",
    [f"{MOUNT}/roles/payments.web", f"{MOUNT}/revoke", f"{MOUNT}-root/root/sign-intermediate", f"{MOUNT}/config/crl"],
)
def test_who_may_issue_may_not_change_roles_or_authorities(world: World, path: str) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        world.client().write_data(path, data={"serial_number": "00"})


def test_its_owner_revokes_a_certificate_and_ocsp_says_so(world: World) -> None:
    client = world.client()
    issued = _issue(client)
    leaf, issuing = x509.load_pem_x509_certificate(issued["certificate"].encode()), world.authority(MOUNT)
    (access,) = (
        description.access_location.value
        for description in leaf.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        if description.access_method == AuthorityInformationAccessOID.OCSP
    )
    question = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuing, hashes.SHA256()).build()

    def status() -> ocsp.OCSPCertStatus:
        answer = requests.post(
            access,
            question.public_bytes(Encoding.DER),
            headers={"Content-Type": "application/ocsp-request"},
            verify=str(world.sandbox.vault.ca_file),
            timeout=10,
        )
        return ocsp.load_der_ocsp_response(answer.content).certificate_status

    assert status() == ocsp.OCSPCertStatus.GOOD
    proof = {"certificate": issued["certificate"], "private_key": issued["private_key"]}
    client.write_data(f"{MOUNT}/revoke-with-key", data=proof)
    assert status() == ocsp.OCSPCertStatus.REVOKED


def test_a_second_run_reports_no_changes_and_keeps_the_authorities(world: World) -> None:
    before = world.authority(MOUNT), world.authority(f"{MOUNT}-root")
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()
    assert (world.authority(MOUNT), world.authority(f"{MOUNT}-root")) == before


def test_no_private_key_is_in_state_logs_or_events(world: World) -> None:
    issued = _issue(world.client())
    assert load_pem_private_key(issued["private_key"].encode(), None)
    searched = [world.deployed.engine.backend, world.deployed.engine.work, world.sandbox.vault.audit_log]
    contents = [file.read_bytes() for file in all_files(searched)]
    assert any(json.dumps("Test Issuing").encode() in content for content in contents), "the state was not searched"
    assert not [content for content in contents if b"PRIVATE KEY" in content]
    lines = issued["private_key"].splitlines()[1:-1]
    assert not find({f"line {number}": line for number, line in enumerate(lines)}, searched)
