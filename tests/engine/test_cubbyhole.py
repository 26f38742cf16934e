"""Response wrapping, as docs/vault/cubbyhole.md has it: what is handed over is seen once, and by nobody in between."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import hvac
import hvac.exceptions
import pytest
import yaml

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support import canary
from support.deployed import Deployed, deploy
from support.docs import example
from support.sandbox import running, without_cluster

pytestmark = pytest.mark.engine

ROLE = "auth/machines-prod/role/payments.batch"
PASSWORD = "cubbyhole-canary-of-a-password-4c7d"


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed

    def unwrapped(self, wrapping_token: str) -> dict[str, Any]:
        """What somebody finds who has the wrapping token and nothing else."""
        client = self.sandbox.vault.workload_client()
        client.token = wrapping_token
        found: dict[str, Any] = client.sys.unwrap()["data"]
        return found

    def handed_over(self) -> dict[str, Any]:
        """A wrapped secret id: what the operator sees of it."""
        answer = self.sandbox.vault.root_client().write_data(f"{ROLE}/secret-id", wrap_ttl="2m")
        assert answer["data"] is None
        wrap: dict[str, Any] = answer["wrap_info"]
        return wrap

    def workload(self) -> hvac.Client:
        """The workload, logged in with what was handed over to it."""
        role_id = self.sandbox.vault.root_client().read(f"{ROLE}/role-id")["data"]["role_id"]
        secret_id = self.unwrapped(self.handed_over()["token"])["secret_id"]
        client = self.sandbox.vault.workload_client()
        client.auth.approle.login(role_id, secret_id, mount_point="machines-prod")
        return client


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, flavour: Flavour) -> Iterator[World]:
    page = example("vault/cubbyhole.md", tmp_path_factory.mktemp("page")).root / "stacks"
    environment = yaml.safe_load((page / "environments/prod.yaml").read_text("utf-8"))
    environment["vault"]["flavour"] = flavour
    catalog = yaml.safe_load((page / "catalog/payments.yaml").read_text("utf-8"))
    with running(tmp_path_factory.mktemp("servers"), *without_cluster(flavour), flavour=flavour) as sandbox:
        deployed = deploy(sandbox, toolchain, tmp_path_factory.mktemp("project"), environment, [catalog])
        sandbox.vault.root_client().secrets.kv.v2.create_or_update_secret(
            "payments/bank", {"password": PASSWORD}, cas=0, mount_point="kv-prod"
        )
        yield World(sandbox, deployed)


def test_a_secret_id_is_handed_over_unseen_and_logs_in(world: World) -> None:
    read = world.workload().read("kv-prod/data/payments/bank")
    assert read["data"]["data"] == {"password": PASSWORD}


def test_what_was_unwrapped_once_is_gone_so_that_an_unwanted_reader_is_found_out(world: World) -> None:
    wrap = world.handed_over()
    assert world.unwrapped(wrap["token"])["secret_id"]
    with pytest.raises(hvac.exceptions.InvalidRequest, match="wrapping token is not valid or does not exist"):
        world.unwrapped(wrap["token"])


def test_a_wrapping_token_says_where_it_was_made_without_being_used_up(world: World) -> None:
    wrap = world.handed_over()
    anybody = world.sandbox.vault.workload_client()
    looked = anybody.write_data("sys/wrapping/lookup", data={"token": wrap["token"]})["data"]
    assert looked["creation_path"] == wrap["creation_path"] == f"{ROLE}/secret-id"
    assert world.unwrapped(wrap["token"])["secret_id"]


def test_a_wrapping_token_is_good_for_nothing_else(world: World) -> None:
    client = world.sandbox.vault.workload_client()
    client.token = world.handed_over()["token"]
    with pytest.raises(hvac.exceptions.Forbidden):
        client.read("kv-prod/data/payments/bank")


def test_a_workload_has_what_it_may_read_wrapped_and_nothing_more(world: World) -> None:
    client = world.workload()
    answer = client.adapter.get("/v1/kv-prod/data/payments/bank", headers={"X-Vault-Wrap-TTL": "1m"})
    assert answer["data"] is None
    assert world.unwrapped(answer["wrap_info"]["token"])["data"] == {"password": PASSWORD}
    with pytest.raises(hvac.exceptions.Forbidden):
        client.adapter.get("/v1/kv-prod/data/payments/other", headers={"X-Vault-Wrap-TTL": "1m"})


def test_a_workload_keeps_nothing_in_its_cubbyhole_and_nobody_sees_that_of_another(world: World) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        world.workload().write_data("cubbyhole/mine", data={"a": "b"})
    root = world.sandbox.vault.root_client()
    root.write_data("cubbyhole/mine", data={"a": "b"})
    child = world.sandbox.vault.workload_client()
    child.token = root.auth.token.create(policies=["root"], ttl="1m")["auth"]["client_token"]
    assert child.read("cubbyhole/mine") is None
    root.delete("cubbyhole/mine")


def test_nothing_that_was_wrapped_is_in_state_or_logs(world: World) -> None:
    secret_id = world.unwrapped(world.handed_over()["token"])["secret_id"]
    logs = [world.sandbox.vault.audit_log, world.deployed.engine.backend, world.deployed.engine.work]
    for value in (secret_id, PASSWORD):
        for place in logs:
            files = [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]
            assert not [file for file in files if canary.is_in(value, file.read_bytes())]
