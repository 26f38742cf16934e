"""What the overview of secrets management shows of AWS Secrets Manager, as an application does it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom_sandbox import Sandbox
from strongroom_sandbox.engine import EngineError
from strongroom_sandbox.servers.moto import ACCOUNT, REGION
from strongroom_sandbox.toolchain import Toolchain
from support import canary, command
from support.deployed import Deployed, deploy
from support.sandbox import running
from support.toolchain import ROOT

pytestmark = pytest.mark.engine

OVERVIEW = ROOT.parent / "shared" / "seed" / "secrets-management-overview.md"
OURS = """\
import boto3
import json

client = boto3.client('secretsmanager')

response = client.get_secret_value(SecretId='myapp/prod/db-creds')
secret = json.loads(response['SecretString'])

db_user = secret['username']
db_pass = secret['password']
"""
"""The overview's program, for where the overview itself is not at hand."""
VALUES = {"username": "admin", "password": "canary-pa55"}
ENVIRONMENT = {
    "environment": "prod",
    "protect": False,
    "default_store": "aws",
    "stores": {"aws": {"aws_secrets_manager": {"prefix": ""}}},
    "aws": {"account": ACCOUNT, "region": REGION},
}
CATALOG = {
    "team": "myapp",
    "workloads": {"web": {"runs_as": {"aws_service": {"service": "ecs-tasks"}}}},
    "secrets": {"db-creds": {"fields": ["username", "password"], "path": "myapp/{{ environment }}/db-creds"}},
    "grants": [{"workload": "web", "secret": "db-creds", "can": ["read"]}],
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("sandbox"), "moto") as started:
        yield started


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    return deploy(sandbox, toolchain, tmp_path_factory.mktemp("overview"), ENVIRONMENT, [CATALOG])


@pytest.fixture(scope="module")
def variables(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return command.environment(tmp_path_factory.mktemp("home"), **sandbox.moto.environment())


def _programs() -> list[str]:
    text = OVERVIEW.read_text("utf-8") if OVERVIEW.exists() else f"```python\n{OURS}```"
    return [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "boto3" in block]


@pytest.fixture(scope="module")
def filled(deployed: Deployed, variables: dict[str, str]) -> Deployed:
    """With values that came from the operator's standard input."""
    done = command.strongroom(
        "values", "put", "myapp/db-creds", "--stack", "prod",
        cwd=deployed.deployment.project, environment=variables, stdin=json.dumps(VALUES).encode(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "canary" not in done.stdout + done.stderr
    return deployed


@pytest.mark.parametrize("program", _programs())
def test_its_program_reads_what_was_put(filled: Deployed, variables: dict[str, str], program: str) -> None:
    del filled
    say = "\nimport sys; json.dump({'username': db_user, 'password': db_pass}, sys.stdout)"
    done = subprocess.run(
        [sys.executable, "-c", program + say], env=variables, capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(done.stdout) == VALUES


def test_nothing_that_pulumi_wrote_has_the_value(filled: Deployed) -> None:
    again = filled.up()
    assert not again.changed
    searched: list[Path] = [filled.engine.work, filled.deployment.project]
    assert not canary.files_with(VALUES["password"], *searched)


def test_the_secret_is_closed_to_the_public_and_can_be_restored(filled: Deployed, sandbox: Sandbox) -> None:
    del filled
    client = sandbox.moto.client("secretsmanager")
    about = client.describe_secret(SecretId="myapp/prod/db-creds")
    assert {tag["Key"]: tag["Value"] for tag in about["Tags"]} == {
        "strongroom:environment": "prod",
        "strongroom:team": "myapp",
        "strongroom:item": "db-creds",
    }


def test_credentials_of_another_account_deploy_nothing(sandbox: Sandbox, toolchain: Toolchain, tmp_path: Path) -> None:
    elsewhere = {**ENVIRONMENT, "environment": "elsewhere", "aws": {"account": "111122223333", "region": REGION}}
    with pytest.raises(EngineError) as caught:
        deploy(sandbox, toolchain, tmp_path, elsewhere, [CATALOG])
    assert caught.value.result is not None
    said = caught.value.result.console.read_text("utf-8")
    assert ACCOUNT in said
    assert "111122223333" in said
    names = [secret["Name"] for secret in sandbox.moto.client("secretsmanager").list_secrets()["SecretList"]]
    assert not [name for name in names if "elsewhere" in name]
