"""SSH certificates: the authority signs keys for those who were granted it, and for nobody and nothing else."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import hvac
import hvac.exceptions
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificate,
    SSHCertificateType,
    load_ssh_public_identity,
    load_ssh_public_key,
)

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.proof.leaks import all_files
from strongroom_sandbox.toolchain import Toolchain
from support.deployed import Deployed, deploy
from support.sandbox import running, without_cluster
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

CATALOG = {
    "team": "payments",
    "workloads": {"release": runs_as("release"), "bastion": runs_as("bastion"), "stranger": runs_as("stranger")},
    "secrets": {
        "deploy-login": {
            "ssh_certificate": {
                "user": {
                    "principals": ["deploy", "audit"],
                    "extensions": ["permit-pty", "permit-port-forwarding"],
                    "ttl": "5m",
                    "max_ttl": "10m",
                }
            }
        },
        "bare-login": {"ssh_certificate": {"user": {"principals": ["audit"], "extensions": []}}},
        "bastion-host": {"ssh_certificate": {"host": {"domains": ["bastion.acme.example"]}}},
    },
    "grants": [
        {"workload": "release", "secret": "deploy-login", "can": ["sign"]},
        {"workload": "release", "secret": "bare-login", "can": ["sign"]},
        {"workload": "bastion", "secret": "bastion-host", "can": ["sign"]},
    ],
}
ENGINES = {
    "ssh": {"principals": {"payments": ["deploy", "audit"]}, "host_domains": {"payments": ["acme.example"]}},
}
MOUNT = "ssh-sshtest"


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed

    def client(self, workload: str) -> hvac.Client:
        return login(self.sandbox, self.deployed, f"payments/{workload}")

    def authority(self) -> str:
        """The key that hosts and users trust, which anybody may fetch."""
        server = self.sandbox.vault
        answer = requests.get(f"{server.address}/v1/{MOUNT}/public_key", verify=str(server.ca_file), timeout=10)
        answer.raise_for_status()
        return answer.text.strip()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, flavour: Flavour) -> Iterator[World]:
    with running(tmp_path_factory.mktemp("servers"), *without_cluster(flavour), flavour=flavour) as sandbox:
        folder = tmp_path_factory.mktemp("project")
        yield World(sandbox, deploy(sandbox, toolchain, folder, environment(sandbox, "sshtest", ENGINES), [CATALOG]))


def _public_key() -> str:
    """Of a key pair that the client made; the private half goes nowhere."""
    key = Ed25519PrivateKey.generate().public_key()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def _sign(client: hvac.Client, role: str, **wanted: object) -> str:
    answer = client.write_data(f"{MOUNT}/sign/{role}", data={"public_key": _public_key(), **wanted})
    return str(answer["data"]["signed_key"]).strip()


def _understood(signed: str) -> SSHCertificate:
    certificate = load_ssh_public_identity(signed.encode())
    assert isinstance(certificate, SSHCertificate)
    certificate.verify_cert_signature()
    return certificate


def test_a_workload_has_its_key_signed_and_ssh_keygen_understands_it(world: World, tmp_path: Path) -> None:
    file = tmp_path / "id-cert.pub"
    file.write_text(_sign(world.client("release"), "payments.deploy-login", valid_principals="audit"))
    said = subprocess.run(["ssh-keygen", "-L", "-f", str(file)], check=True, capture_output=True, text=True).stdout
    lines = [line.strip() for line in said.splitlines()]
    assert "Type: ssh-ed25519-cert-v01@openssh.com user certificate" in lines
    assert lines[lines.index("Principals:") + 1] == "audit"
    assert lines[lines.index("Critical Options: (none)") + 1 :] == [
        "Extensions:",
        "permit-port-forwarding",
        "permit-pty",
    ]


def test_it_is_signed_by_the_authority_that_hosts_trust(world: World) -> None:
    certificate = _understood(_sign(world.client("release"), "payments.deploy-login"))
    assert certificate.signature_key() == load_ssh_public_key(world.authority().encode())


def test_a_request_without_principals_gets_the_first_one_and_the_default_lifetime(world: World) -> None:
    certificate = _understood(_sign(world.client("release"), "payments.deploy-login"))
    assert certificate.type == SSHCertificateType.USER
    assert certificate.valid_principals == [b"deploy"]
    # 30 seconds of grace for clocks that are behind: Vault, "SSH secrets engine", not_before_duration.
    assert certificate.valid_before - certificate.valid_after == 300 + 30


def test_without_extensions_a_certificate_runs_commands_only(world: World) -> None:
    assert _understood(_sign(world.client("release"), "payments.bare-login")).extensions == {}


def test_a_bastion_has_its_host_key_signed(world: World) -> None:
    signed = _sign(
        world.client("bastion"), "payments.bastion-host", cert_type="host", valid_principals="bastion.acme.example"
    )
    certificate = _understood(signed)
    assert certificate.type == SSHCertificateType.HOST
    assert certificate.valid_principals == [b"bastion.acme.example"]


@pytest.mark.parametrize(
    ("workload", "role", "wanted", "reason"),
    [
        ("release", "payments.deploy-login", {"valid_principals": "root"}, "root is not a valid value"),
        ("release", "payments.deploy-login", {"valid_principals": "deploy,mallory"}, "mallory is not a valid value"),
        ("release", "payments.deploy-login", {"cert_type": "host"}, "cert_type .host. is not allowed by role"),
        ("release", "payments.deploy-login", {"ttl": "48h"}, "ttl is larger than maximum allowed 600"),
        ("release", "payments.bare-login", {"extensions": {"permit-pty": ""}}, "permit-pty"),
        (
            "bastion",
            "payments.bastion-host",
            {"cert_type": "host", "valid_principals": "www.acme.example"},
            "www.acme.example is not a valid value",
        ),
        (
            "bastion",
            "payments.bastion-host",
            {"cert_type": "user", "valid_principals": "deploy"},
            "cert_type .user. is not allowed by role",
        ),
    ],
)
def test_what_the_role_does_not_say_is_refused(
    world: World, workload: str, role: str, wanted: dict[str, object], reason: str
) -> None:
    with pytest.raises(hvac.exceptions.InvalidRequest, match=reason):
        _sign(world.client(workload), role, **wanted)


@pytest.mark.parametrize("role", ["payments.deploy-login", "payments.bare-login", "payments.bastion-host"])
def test_a_workload_without_the_grant_is_refused(world: World, role: str) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        _sign(world.client("stranger"), role)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{MOUNT}/issue/payments.deploy-login", {}),
        (f"{MOUNT}/roles/payments.deploy-login", {"key_type": "ca", "allowed_users": "*"}),
        (f"{MOUNT}/config/ca", {"generate_signing_key": True}),
    ],
)
def test_who_may_sign_may_neither_change_the_role_nor_the_authority(
    world: World, path: str, body: dict[str, object]
) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        world.client("release").write_data(path, data=body)


def test_a_second_run_reports_no_changes_and_keeps_the_key(world: World) -> None:
    before = world.authority()
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()
    assert world.authority() == before


def test_drift_of_a_role_is_undone(world: World) -> None:
    admin = world.sandbox.vault.root_client()
    admin.write_data(
        f"{MOUNT}/roles/payments.bare-login",
        data={"key_type": "ca", "allow_user_certificates": True, "allowed_users": "*", "default_user": "root"},
    )
    assert world.deployed.up().changes["update"] == 1
    assert _understood(_sign(world.client("release"), "payments.bare-login")).valid_principals == [b"audit"]


def test_no_private_key_is_in_state_logs_or_events(world: World) -> None:
    engine = world.deployed.engine
    searched = [file.read_bytes() for file in all_files([engine.backend, engine.work])]
    assert any(world.authority().split()[1].encode() in content for content in searched), "the state was not searched"
    assert not [content for content in searched if b"PRIVATE KEY" in content or b"openssh-key-v1" in content]
