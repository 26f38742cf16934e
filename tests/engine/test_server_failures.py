"""A server that fails in the middle of an `up`: one clear error, and the next `up` completes what was begun."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import pytest

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.engine import Engine, EngineError, Result
from strongroom_sandbox.toolchain import Toolchain
from support.deployed import Deployed, write_project
from support.sandbox import running
from support.server_certificates import issue
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

WORKLOADS = [f"w{number}" for number in range(8)]
CATALOG: dict[str, Any] = {
    "team": "shop",
    "workloads": {name: runs_as(name) for name in WORKLOADS},
    "secrets": {"smtp": {"fields": ["password"]}},
    "grants": [{"workload": name, "secret": "smtp", "can": ["read"]} for name in WORKLOADS],
}


@pytest.fixture(scope="module")
def own(flavour: Flavour, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that these tests may seal and whose deployer they may take rights from."""
    with running(tmp_path_factory.mktemp("failing"), flavour, "issuer", flavour=flavour) as sandbox:
        yield sandbox


class Stack(NamedTuple):
    """A stack that has not been deployed yet, and what the engine printed."""

    sandbox: Sandbox
    deployment: Deployment
    engine: Engine
    name: str

    def fails(self, during: Callable[[str], None] = lambda _line: None) -> list[str]:
        """`pulumi up` fails; the reasons, a line each. `during` sees every line that the engine prints."""
        with pytest.raises(EngineError) as failed:
            replace(self.engine, console=during).up("--suppress-outputs")
        assert failed.value.result is not None
        text = failed.value.result.console.read_text()
        assert "Traceback" not in text
        # The engine puts "1 error occurred" before some.
        found = re.findall(r"^    error: (?:1 error occurred:\n\s+\* )?(.*)$", text, re.MULTILINE)
        return [reason for reason in found if reason != "update failed"]

    def completes(self) -> Result:
        """Deploys what is missing; afterwards nothing is left to do, and a workload can log in and read."""
        made = self.deployment.up(self.engine)
        assert self.deployment.up(self.engine).changed == 0
        deployed = Deployed(self.deployment, self.engine, self.deployment.plan(self.engine), made)
        client = login(self.sandbox, deployed, f"shop/{WORKLOADS[-1]}")
        assert client.read(f"kv-{self.name}/data/shop/smtp") is None
        return made


@pytest.fixture
def stack(own: Sandbox, toolchain: Toolchain, tmp_path: Path, request: pytest.FixtureRequest) -> Stack:
    name = f"failing-{crc32(request.node.name.encode())}"
    folder = tmp_path / "project"
    write_project(folder, environment(own, name, {}), [CATALOG])
    deployment = Deployment(folder, own, name)
    engine = deployment.engine(toolchain, print)
    engine.configure({}, folder / "stacks" / f"Pulumi.{name}.yaml")
    return Stack(own, deployment, engine, name)


def test_a_token_without_permission_for_one_resource_is_told_path_and_capability(stack: Stack) -> None:
    root = stack.sandbox.vault.root_client()
    deployer = root.sys.read_acl_policy("strongroom-deployer")["data"]["policy"]
    path = f"sys/policies/acl/{stack.name}.shop.w3"
    root.sys.create_or_update_acl_policy(
        "strongroom-deployer", f'{deployer}\npath "{path}" {{ capabilities = ["read"] }}'
    )
    try:
        reasons = stack.fails()
    finally:
        root.sys.create_or_update_acl_policy("strongroom-deployer", deployer)
    (reason,) = reasons
    assert f"the token's policies do not give `create` or `update` on {path} on {stack.sandbox.vault.address}" in reason
    assert "(they give read); add that to a policy of the token, or log in as somebody who has it" in reason
    assert stack.completes().changes.get("create", 0) >= 1


def test_a_server_that_is_sealed_midway_is_told_so_and_completed_when_it_is_back(stack: Stack) -> None:
    vault = stack.sandbox.vault
    sealed = False

    def seal(line: str) -> None:
        print(line)
        nonlocal sealed
        if not sealed and "vault:index:Mount" in line and "created" in line:
            vault.root_client().sys.seal()
            sealed = True

    reasons = stack.fails(seal)
    assert sealed
    assert reasons
    for reason in reasons:
        # Also of what was under way at that moment, where the server itself says only `context canceled`.
        assert re.search(
            "is sealed, or was never initialised; unseal it and|was sealed or stopped while it was asked", reason
        )
        assert vault.address in reason
    stack.sandbox.up(print, [vault.name])
    assert 0 < stack.completes().changes.get("create", 0) < 40


def test_a_token_that_was_revoked_is_told_so(stack: Stack) -> None:
    vault = stack.sandbox.vault
    kept = vault.token_file.read_text()
    orphan = vault.root_client().auth.token.create_orphan(policies=["strongroom-deployer"])["auth"]["client_token"]
    vault.root_client().auth.token.revoke(orphan)
    vault.token_file.write_text(orphan)
    try:
        reasons = stack.fails()
    finally:
        vault.token_file.write_text(kept)
    assert reasons
    for reason in reasons:
        assert f"{vault.address} does not know the token: it has expired, was revoked, or is another server's" in reason
        assert orphan not in reason
    stack.completes()


def test_a_server_that_is_down_is_told_so_and_completed_when_it_is_back(stack: Stack) -> None:
    vault = stack.sandbox.vault
    vault.stop()
    try:
        reasons = stack.fails()
    finally:
        stack.sandbox.up(print, [vault.name])
    assert reasons
    for reason in reasons:
        assert f"{vault.address} cannot be reached" in reason
        assert "check the address and the network" in reason
    stack.completes()


def test_a_server_that_is_not_trusted_is_told_so_and_gets_nothing(stack: Stack, tmp_path: Path) -> None:
    vault = stack.sandbox.vault
    kept = vault.ca_file.read_bytes()
    *_, another = issue(tmp_path / "another")
    vault.ca_file.write_bytes(another.read_bytes())
    try:
        reasons = stack.fails()
    finally:
        vault.ca_file.write_bytes(kept)
    assert reasons
    for reason in reasons:
        assert f"the certificate of {vault.address} is not trusted (" in reason
        assert "name its authority in VAULT_CACERT" in reason
    stack.completes()
