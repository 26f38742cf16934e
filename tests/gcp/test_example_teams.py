"""The two example teams with their stored values in Google Cloud: deployed by the real engine beside a real Vault, and
filled by an operator's command. Secret Manager is a stand-in in both its halves, as strict as its description."""

import os
from pathlib import Path

import pytest

from strongroom.gcp.project import OVERRIDE
from strongroom.gcp.secret_manager.plan import GcpSecret
from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.providers.frame.file_store import FileStore
from strongroom_sandbox.providers.gcp.cloud import POLICY, add_project
from strongroom_sandbox.toolchain import Toolchain
from support import canary, command
from support.edit import edit
from support.gcp import NUMBER
from support.projects import copy_of_the_example
from support.sandbox import running
from support.secret_manager import running as secret_manager

pytestmark = pytest.mark.engine

SANDBOX = "stacks/environments/sandbox.yaml"
STORES = f"""\
default_store: google
stores:
  google: {{gcp_secret_manager: {{}}}}
gcp:
  project: acme-sandbox
  project_number: "{NUMBER}"
  identities:
    gke: {{here: {{project: acme-clusters, project_number: "210987654321"}}}}
    principals: {{payments/settlement: settlement@acme-sandbox.iam.gserviceaccount.com}}
"""
VALUE = "canary-of-an-operator-8c1f"


def test_the_example_teams_are_deployed_and_their_values_brought(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, home = copy_of_the_example(tmp_path / "project"), tmp_path / "home"
    edit(project / SANDBOX, "\nvault:\n", f"\n{STORES}vault:\n")
    home.mkdir()
    with running(tmp_path / "sandbox") as sandbox, secret_manager(home, monkeypatch) as google:
        kept = sandbox.providers["gcp"].file
        kept.parent.mkdir(parents=True, exist_ok=True)
        add_project(kept, "acme-sandbox", NUMBER)
        deployment = Deployment(project, sandbox)
        engine = deployment.engine(toolchain, print)
        deployment.configure(engine)
        deployment.up(engine)
        secrets = {secret.key: secret for secret in deployment.plan(engine).of(GcpSecret)}
        resources = FileStore(kept).all()
        assert secrets
        for secret in secrets.values():
            assert secret.full_name in resources
            assert {b["role"]: tuple(b["members"]) for b in resources[f"{secret.full_name}{POLICY}"]["bindings"]} == {
                b.role: b.members for b in secret.access
            }
            google.secrets[secret.path] = []  # as a deployment leaves it

        login = {name: os.environ[name] for name in (OVERRIDE, "GOOGLE_APPLICATION_CREDENTIALS")}
        variables = sandbox.environment() | login
        environment = command.environment(home, **variables)
        options = ("--stack", "sandbox", "--config-file", str(engine.config_file))

        def strongroom(*arguments: str, stdin: bytes = b"") -> None:
            done = command.strongroom(*arguments, *options, cwd=project, environment=environment, stdin=stdin)
            assert done.returncode == 0, done.stderr
            assert not canary.is_in(VALUE, done.stdout + done.stderr)

        strongroom("values", "put", "payments/stripe/api_key", stdin=VALUE.encode())
        strongroom("values", "generate", "--missing")
        assert google.values(secrets["payments/stripe"].path)["api_key"] == VALUE
        for secret in secrets.values():
            assert google.values(secret.path).keys() == set(secret.fields)
        strongroom("values", "status")
        assert deployment.up(engine).changed == 0
        made = [value for secret in secrets.values() for value in google.values(secret.path).values()]
        assert [file for value in made for file in canary.files_with(value, engine.work, project, home)] == []
