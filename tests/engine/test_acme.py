"""Certificates by ACME: a client of another project gets one by itself, if somebody vouched for its account."""

import json
from collections.abc import Iterator
from typing import NamedTuple

import hvac
import hvac.exceptions
import pytest
import requests
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support import canary, dns_server
from support.acme_client import Acme, Binding, errors, messages
from support.deployed import Deployed, deploy
from support.sandbox import running, without_cluster
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

MOUNT = "pki-acmetest"
NAME = "web.payments.example"
CATALOG = {
    "team": "payments",
    "workloads": {"ingress": runs_as("ingress"), "checkout": runs_as("checkout")},
    "secrets": {
        "web": {"certificate": {"allowed_domains": [NAME], "max_ttl": "2h", "ttl": "1h", "acme": True}},
        "internal": {"certificate": {"allowed_domains": ["internal.payments.example"]}},
    },
    "grants": [
        {"workload": "ingress", "secret": "web", "can": ["acme"]},
        {"workload": "checkout", "secret": "internal", "can": ["issue"]},
    ],
}


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed
    zone: dns_server.Zone

    def client(self, workload: str = "ingress") -> hvac.Client:
        return login(self.sandbox, self.deployed, f"payments/{workload}")

    def directory(self, of: str = "roles/payments.web/") -> str:
        return f"{self.sandbox.vault.address}/v1/{MOUNT}/{of}acme/directory"

    def acme(self) -> Acme:
        return Acme(self.directory(), self.sandbox.vault.ca_file)

    def binding(self) -> Binding:
        made = self.client().write_data(f"{MOUNT}/roles/payments.web/acme/new-eab")["data"]
        return Binding(made["id"], made["key"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, flavour: str) -> Iterator[World]:
    zone = dns_server.Zone()
    servers = tmp_path_factory.mktemp("servers")
    with running(servers, *without_cluster(flavour), flavour=flavour) as sandbox, dns_server.serving(zone) as resolver:
        engine = {
            "root": {"common_name": "Test Root", "ttl": "3650d"},
            "intermediate": {"common_name": "Test Issuing", "ttl": "1825d"},
            "domains": {"payments": ["payments.example"]},
            "base_url": sandbox.vault.address,
            "acme": {"dns_resolver": resolver},
        }
        files = environment(sandbox, "acmetest", {"pki": engine})
        yield World(sandbox, deploy(sandbox, toolchain, tmp_path_factory.mktemp("project"), files, [CATALOG]), zone)


def test_a_bound_account_gets_a_certificate_that_chains_to_the_root(world: World) -> None:
    acme = world.acme()
    acme.register(world.binding())
    leaf, issuing, *_ = acme.certificate(NAME, world.zone)
    pem = requests.get(
        f"{world.sandbox.vault.address}/v1/{MOUNT}-root/ca/pem", verify=str(world.sandbox.vault.ca_file), timeout=10
    ).content
    root = x509.load_pem_x509_certificate(pem)
    PolicyBuilder().store(Store([root])).build_server_verifier(x509.DNSName(NAME)).verify(leaf, [issuing])


def test_an_account_that_nobody_vouched_for_is_refused(world: World) -> None:
    acme = world.acme()
    with pytest.raises(messages.Error, match="externalAccountRequired"):
        acme.register()


def test_a_binding_is_good_for_one_account(world: World) -> None:
    binding = world.binding()
    world.acme().register(binding)
    with pytest.raises(messages.Error, match="unauthorized"):
        world.acme().register(binding)


@pytest.mark.parametrize("name", ["internal.payments.example", "foreign.example", f"below.{NAME}"])
def test_a_name_that_the_role_does_not_have_is_refused(world: World, name: str) -> None:
    acme = world.acme()
    acme.register(world.binding())
    with pytest.raises((messages.Error, errors.Error)):
        acme.certificate(name, world.zone)


def test_who_cannot_prove_a_name_gets_no_certificate(world: World) -> None:
    acme = world.acme()
    acme.register(world.binding())
    with pytest.raises(messages.Error, match="orderNotReady"):
        acme.certificate_at_once(NAME)


@pytest.mark.parametrize("of", ["", "roles/payments.internal/", "issuer/default/"])
def test_all_other_directories_are_closed(world: World, of: str) -> None:
    answer = requests.get(world.directory(of), verify=str(world.sandbox.vault.ca_file), timeout=10)
    assert answer.status_code >= 400, answer.text


def test_who_may_only_issue_cannot_vouch_for_accounts(world: World) -> None:
    for role in ("payments.web", "payments.internal"):
        with pytest.raises(hvac.exceptions.Forbidden):
            world.client("checkout").write_data(f"{MOUNT}/roles/{role}/acme/new-eab")


def test_a_second_run_reports_no_changes_and_no_binding_key_is_in_state_or_logs(world: World) -> None:
    binding = world.binding()
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()
    assert not canary.files_with(binding.key, world.sandbox.directory, world.deployed.engine.work)
    assert not canary.is_in(binding.key, json.dumps(world.deployed.engine.export()))
