"""Certificate auth, deployed and used: a host logs in with its TLS certificate and gets what was granted."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import hvac
import hvac.exceptions
import pytest
import requests
from cryptography import x509

from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support.client_certificates import ClientAuthority
from support.deployed import Deployed, deploy

pytestmark = pytest.mark.engine

ENVIRONMENT: Final = "certlogin"
MOUNT: Final = f"hosts-{ENVIRONMENT}"
BATCH: Final = x509.DNSName("batch.payments.example")
SPIFFE: Final = x509.UniformResourceIdentifier("spiffe://acme.example/payments/report")
CATALOG: Final[dict[str, Any]] = {
    "team": "payments",
    "workloads": {
        "batch": {"runs_as": {"certificate": {"dns_san": BATCH.value}}},
        "report": {"runs_as": {"certificate": {"uri_san": SPIFFE.value}}},
    },
    "secrets": {"stripe": {"fields": ["api_key"]}, "ledger": {"fields": ["key"]}},
    "grants": [
        {"workload": "batch", "secret": "stripe", "can": ["read"]},
        {"workload": "report", "secret": "ledger", "can": ["read"]},
    ],
}


class World(NamedTuple):
    sandbox: Sandbox
    authority: ClientAuthority
    deployed: Deployed

    def login(self, role: str, certificate: tuple[str, str] | None) -> hvac.Client:
        """A client after a login over a connection with this certificate."""
        with requests.Session() as session:
            session.trust_env = False
            session.cert = certificate
            answer = session.post(
                f"{self.sandbox.vault.address}/v1/auth/{MOUNT}/login",
                json={"name": role}, verify=str(self.sandbox.vault.ca_file), timeout=10,
            )  # fmt: skip
        if not answer.ok:
            raise hvac.exceptions.Forbidden(answer.text)
        client = self.sandbox.vault.workload_client()
        client.token = answer.json()["auth"]["client_token"]
        return client


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, toolchain: Toolchain) -> Iterator[World]:
    authority = ClientAuthority()
    environment = {
        "environment": ENVIRONMENT,
        "protect": False,
        "default_store": "kv",
        "stores": {"kv": {"vault_kv": {}}},
        "vault": {
            "flavour": sandbox.vault.flavour,
            "auth": {"hosts": {"cert": {"ca_pem": authority.pem, "token_ttl": "10m"}}},
        },
    }
    deployed = deploy(sandbox, toolchain, tmp_path_factory.mktemp("project"), environment, [CATALOG])
    deployed.deployment.fill(deployed.plan, print)
    yield World(sandbox, authority, deployed)
    deployed.engine.destroy()


def _value(client: hvac.Client, secret: str) -> dict[str, str]:
    answer = client.secrets.kv.v2.read_secret_version(
        f"payments/{secret}", mount_point=f"kv-{ENVIRONMENT}", raise_on_deleted_version=False
    )
    return dict(answer["data"]["data"])


@pytest.mark.parametrize(
    ("role", "name", "own", "other"),
    [("payments.batch", BATCH, "stripe", "ledger"), ("payments.report", SPIFFE, "ledger", "stripe")],
)
def test_a_host_logs_in_with_its_certificate_and_reads_what_was_granted_and_nothing_else(
    world: World, tmp_path: Path, role: str, name: x509.GeneralName, own: str, other: str
) -> None:
    client = world.login(role, world.authority.issue(tmp_path, name))
    assert _value(client, own)
    with pytest.raises(hvac.exceptions.Forbidden):
        _value(client, other)
    token = client.auth.token.lookup_self()["data"]
    assert (token["policies"], token["creation_ttl"]) == ([f"{ENVIRONMENT}.{role}"], 600)


@pytest.mark.parametrize(
    "name",
    [
        SPIFFE,
        x509.DNSName("other.payments.example"),
        x509.DNSName("x.batch.payments.example"),
        x509.DNSName("*.payments.example"),
    ],
)
def test_a_certificate_for_another_name_is_refused(world: World, tmp_path: Path, name: x509.GeneralName) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        world.login("payments.batch", world.authority.issue(tmp_path, name))


def test_a_certificate_of_another_authority_is_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        world.login("payments.batch", ClientAuthority().issue(tmp_path, BATCH))


def test_an_expired_certificate_is_refused(world: World, tmp_path: Path) -> None:
    expired = world.authority.issue(tmp_path, BATCH, lifetime=-datetime.timedelta(minutes=30))
    with pytest.raises(hvac.exceptions.Forbidden):
        world.login("payments.batch", expired)


def test_no_certificate_is_refused(world: World) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        world.login("payments.batch", None)


def test_a_second_run_reports_no_changes(world: World) -> None:
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()


def test_a_role_that_was_widened_by_hand_is_found_and_narrowed_again(world: World, tmp_path: Path) -> None:
    path = f"auth/{MOUNT}/certs/payments.batch"
    root = world.sandbox.vault.root_client()
    root.write_data(path, data={**root.read(path)["data"], "allowed_dns_sans": ["*"]})
    assert world.login("payments.batch", world.authority.issue(tmp_path, x509.DNSName("other.example")))
    assert world.deployed.up().changed == 1
    assert root.read(path)["data"]["allowed_dns_sans"] == [BATCH.value]
