"""The two example teams, moved from store to store by one line of the environment file, with the real engine.

Vault's side is real, AWS is moto. Azure and Google Cloud have no server to read from: tests of their own.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest

from strongroom.aws.secrets_manager.plan import AwsSecret
from strongroom.plan.stored import StoredSecret
from strongroom.safeguards.guard import LossError
from strongroom_sandbox import Sandbox
from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.engine import Engine
from strongroom_sandbox.servers.moto import ACCOUNT, REGION
from strongroom_sandbox.toolchain import Toolchain
from support import canary, command
from support.edit import edit
from support.projects import copy_of_the_example
from support.sandbox import running

pytestmark = pytest.mark.engine

SANDBOX = "stacks/environments/sandbox.yaml"
STORES = f"""\
default_store: kv
stores:
  aws: {{aws_secrets_manager: {{recovery_window: 7d}}}}
  parameters: {{aws_parameter_store: {{kms_key: secrets}}}}
aws:
  account: "{ACCOUNT}"
  region: {REGION}
  keys: {{secrets: {{}}}}
  iam:
    clusters:
      here: {{irsa: {{oidc_provider_arn: "arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.sandbox.example"}}}}
    principals: {{payments/settlement: "arn:aws:iam::{ACCOUNT}:role/settlement"}}
"""
SECRETS = {"identity/partner-api", "identity/session-signing", "payments/bank-sftp", "payments/stripe"}
Values = Mapping[str, str]


class World(NamedTuple):
    """The example project, and what it is deployed to."""

    project: Path
    sandbox: Sandbox
    deployment: Deployment
    engine: Engine
    home: Path

    def keep_in(self, store: str, *allow_loss: str) -> dict[str, StoredSecret]:
        """Changes the one line, deploys, and has the values that are missing made, as an operator."""
        lines = (self.project / SANDBOX).read_text("utf-8").splitlines()
        lines = [f"default_store: {store}" if line.startswith("default_store:") else line for line in lines]
        (self.project / SANDBOX).write_text("\n".join(lines) + "\n", "utf-8")
        plan = self.deployment.plan(self.engine)
        self.deployment.up(self.engine, allow_loss)
        made = self.strongroom("values", "generate", "--missing")
        assert made.returncode == 0, made.stderr
        return {secret.key: secret for secret in plan.of(StoredSecret)}

    def strongroom(self, *arguments: str) -> Any:
        variables = self.sandbox.environment() | self.sandbox.moto.environment()
        options = ("--stack", "sandbox", "--config-file", str(self.engine.config_file))
        environment = command.environment(self.home, **variables)
        return command.strongroom(*arguments, *options, cwd=self.project, environment=environment)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("stores")
    project = copy_of_the_example(folder / "project")
    edit(project / SANDBOX, "\nvault:\n", f"\n{STORES}vault:\n")
    (folder / "home").mkdir()
    with running(folder / "sandbox") as sandbox:
        sandbox.up(print, ["moto"])
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
        sandbox.moto.client("iam").create_role(
            RoleName="settlement",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
        deployment = Deployment(project, sandbox)
        engine = deployment.engine(toolchain, print)
        deployment.configure(engine)
        yield World(project, sandbox, deployment, engine, folder / "home")


def _from_vault(world: World, secret: StoredSecret) -> Values:
    client = world.sandbox.vault.root_client()
    answer = client.secrets.kv.v2.read_secret_version(
        path=secret.path, mount_point="kv-sandbox", raise_on_deleted_version=True
    )
    found: Values = answer["data"]["data"]
    return found


def _from_secrets_manager(world: World, secret: StoredSecret) -> Values:
    """As the application of the overview document does it."""
    key = world.sandbox.moto.operator
    client = boto3.client(
        "secretsmanager",
        endpoint_url=world.sandbox.moto.endpoint,
        region_name=REGION,
        aws_access_key_id=key.access_key,
        aws_secret_access_key=key.secret_key,
    )
    response = client.get_secret_value(SecretId=secret.path)
    found: Values = json.loads(response["SecretString"])
    return found


def _from_parameter_store(world: World, secret: StoredSecret) -> Values:
    client = world.sandbox.moto.client("ssm")
    found = client.get_parameters_by_path(Path=secret.path, WithDecryption=True)["Parameters"]
    assert {parameter["Type"] for parameter in found} == {"SecureString"}
    return {parameter["Name"].rpartition("/")[2]: parameter["Value"] for parameter in found}


READ: Mapping[str, Callable[[World, StoredSecret], Values]] = {
    "kv": _from_vault,
    "aws": _from_secrets_manager,
    "parameters": _from_parameter_store,
}


def test_each_store_in_turn_keeps_the_same_catalog(world: World) -> None:
    seen: list[str] = []
    left: list[str] = []
    for store, read in READ.items():
        if left:
            with pytest.raises(LossError, match="its values, when its recovery window has passed"):
                world.keep_in(store)
        secrets = world.keep_in(store, *left)
        left = [f"aws/{s.place}/secret/{s.path}" for s in secrets.values() if isinstance(s, AwsSecret)]
        assert secrets.keys() == SECRETS
        for secret in secrets.values():
            values = read(world, secret)
            assert values.keys() == set(secret.fields), (store, secret.key)
            assert all(values.values())
            seen += values.values()
        status = world.strongroom("values", "status", "--check")
        assert status.returncode == 0, status.stdout
    again = world.deployment.up(world.engine)
    assert not again.changed
    searched = [world.engine.work, world.project]
    assert not [file for value in seen for file in canary.files_with(value, *searched)]
