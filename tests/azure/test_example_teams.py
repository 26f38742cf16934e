"""The two example teams with their values in Key Vault: the real engine on the stand-in, the command as an operator.

What is in Vault stays there, on the real server; values go to a server by Key Vault's published API. No Azure.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from strongroom.azure.key_vault.plan import AzureSecret
from strongroom_sandbox import Sandbox
from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.engine import Engine
from strongroom_sandbox.toolchain import Toolchain
from support import canary, command
from support.azure import ISSUER, PRINCIPAL, SUBSCRIPTION, TENANT
from support.edit import edit
from support.key_vault import CLIENT_SECRET, TOKEN, KeyVault
from support.projects import copy_of_the_example
from support.sandbox import running

pytestmark = pytest.mark.engine

SANDBOX = "stacks/environments/sandbox.yaml"
STORES = f"""\
default_store: azure
stores:
  azure: {{azure_key_vault: {{vault: acme-sandbox}}}}
azure:
  tenant: {TENANT}
  subscription: {SUBSCRIPTION}
  resource_group: secrets-sandbox
  location: westeurope
  identities:
    clusters: {{here: {{issuer: "{ISSUER}"}}}}
    principals: {{payments/settlement: {PRINCIPAL}}}
"""
NAMES = {"identity--partner-api", "identity--session-signing", "payments--bank-sftp", "payments--stripe"}


class World(NamedTuple):
    """The example project, and what it is deployed to."""

    project: Path
    sandbox: Sandbox
    deployment: Deployment
    engine: Engine
    vault: KeyVault
    home: Path

    def strongroom(self, *arguments: str) -> Any:
        options = ("--stack", "sandbox", "--config-file", str(self.engine.config_file))
        environment = command.environment(self.home, **self.sandbox.environment(), **self.vault.variables())
        return command.strongroom(*arguments, *options, cwd=self.project, environment=environment)


@pytest.fixture
def world(tmp_path: Path, toolchain: Toolchain) -> Iterator[World]:
    project, home = copy_of_the_example(tmp_path / "project"), tmp_path / "home"
    edit(project / SANDBOX, "\nvault:\n", f"\n{STORES}vault:\n")
    home.mkdir()
    vault = KeyVault(tmp_path / "vault")
    try:
        with running(tmp_path / "sandbox") as sandbox:
            deployment = Deployment(project, sandbox)
            engine = deployment.engine(toolchain, print)
            deployment.configure(engine)
            yield World(project, sandbox, deployment, engine, vault, home)
    finally:
        vault.stop()


def test_the_example_teams_keep_their_values_in_key_vault(world: World) -> None:
    world.deployment.up(world.engine)
    assert {secret.path for secret in world.deployment.plan(world.engine).of(AzureSecret)} == NAMES
    made = world.strongroom("values", "generate", "--missing")
    assert made.returncode == 0, made.stderr
    assert world.vault.secrets.keys() == NAMES
    assert {host for host, _, _ in world.vault.requests} == {
        "acme-sandbox.vault.azure.net",
        "login.microsoftonline.com",
    }
    status = world.strongroom("values", "status", "--check")
    assert status.returncode == 0, status.stdout
    again = world.deployment.up(world.engine)
    assert not again.changed
    values = [value for name in NAMES for value in world.vault.value(name).values()]
    assert len(values) == len(set(values)) > len(NAMES)
    searched = [world.engine.work, world.project, world.sandbox.directory]
    for hidden in (*values, TOKEN, CLIENT_SECRET):
        assert canary.files_with(hidden, *searched) == []
        assert not canary.is_in(hidden, f"{made.stdout}{made.stderr}{status.stdout}{status.stderr}")
