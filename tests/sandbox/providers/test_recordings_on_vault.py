"""The same contract on HashiCorp Vault, for what OpenBao lacks: the official provider's answers for AWS.

The recording is handed out beside the repository and not part of it; where it is absent, the deployments in
`tests/engine/test_aws_engine.py` and `test_auth_aws.py` are what shows that these rows settle.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom_sandbox.providers.vault.table import ROWS
from support.recordings import Book, Replay, recorded
from support.sandbox import Sandboxes
from support.stand_in import Json, serving

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
OFFICIAL = REFERENCE / "recordings" / "pulumi-vault-7.11-on-vault-1.21.0.jsonl"
SERVED = {row.token for row in ROWS if row.token.startswith("vault:aws/")}
ENTRIES = [entry for entry in recorded(OFFICIAL) if entry["type"] in SERVED] if OFFICIAL.exists() else []


@pytest.fixture(scope="module")
def replay(sandboxes: Sandboxes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    """The recording, run once in mounts that are made by hand: how the engine is configured is no resource of ours."""
    server = sandboxes("vault").vault
    root = server.root_client()
    root.sys.enable_secrets_engine("aws", path="aws-rec")
    root.sys.enable_auth_method("aws", path="aws-auth-rec")
    token_file = tmp_path_factory.mktemp("root") / "token"
    token_file.touch(mode=0o600)
    token_file.write_text(root.token)
    resources: Json = json.loads((REFERENCE / "pulumi-vault-resources.json").read_text())["resources"]
    properties = {token: {*facts["inputs"], *facts["outputs"]} for token, facts in resources.items()}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VAULT_")}
    with serving(token_file, environment) as engine:
        engine.configure({"address": server.address, "caCertFile": str(server.ca_file)})
        made = Replay(engine, Book(), properties)
        made.run(ENTRIES)
        yield made
    root.sys.disable_secrets_engine("aws-rec")
    root.sys.disable_auth_method("aws-auth-rec")


@pytest.mark.parametrize(
    ("step", "operation", "name"), [(entry["step"], entry["op"], entry["name"]) for entry in ENTRIES]
)
def test_an_answer_is_what_was_recorded(replay: Replay, step: str, operation: str, name: str) -> None:
    assert replay.answers[step, operation, name] == []
