"""A stack gets the providers and the servers that it needs, and no others."""

from pathlib import Path
from typing import Any

import pytest

from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.servers.moto import ACCOUNT, REGION
from strongroom_sandbox.toolchain import Toolchain
from support.deployed import deploy, write_project
from support.sandbox import running

pytestmark = pytest.mark.engine

AWS = {"account": ACCOUNT, "region": REGION}
CATALOG = {"team": "payments", "secrets": {"stripe": {"fields": ["api_key"]}}}


def environment(name: str, **stores: Any) -> dict[str, Any]:
    """An environment with these stores, of which the first is the default."""
    return {"environment": name, "default_store": next(iter(stores)), "stores": stores, "aws": AWS}


def test_a_stack_that_has_only_aws_needs_no_vault(tmp_path: Path, toolchain: Toolchain) -> None:
    with running(tmp_path / "sandbox", "moto") as sandbox:
        files = environment("cloud", aws={"aws_secrets_manager": {}})
        deployed = deploy(sandbox, toolchain, tmp_path / "project", files, [CATALOG])
        assert deployed.engine.providers.keys() == {"aws"}
        assert "VAULT_ADDR" not in deployed.engine.variables
        assert sandbox.moto.operator.secret_key not in str(deployed.engine.variables)
        assert {status.name for status in sandbox.status() if status.state == "healthy"} == {"moto", "provider-aws"}
        assert deployed.up().changed == 0
        listed = sandbox.moto.client("secretsmanager").list_secrets()["SecretList"]
        assert [secret["Name"] for secret in listed] == ["cloud/payments/stripe"]

        # Moved to another store, what lies in the old one still has to be looked after by somebody.
        moved = environment("cloud", vault={"vault_kv": {}}) | {"vault": {}}
        write_project(tmp_path / "project", moved, [CATALOG])
        engine = Deployment(tmp_path / "project", sandbox, "cloud").engine(toolchain, print)
        assert engine.providers.keys() == {"aws", "vault"}
        assert sandbox.vault.state() == "healthy"


def test_a_stack_whose_files_are_wrong_needs_nothing(tmp_path: Path, toolchain: Toolchain) -> None:
    with running(tmp_path / "sandbox", "moto") as sandbox:
        name = write_project(tmp_path / "project", {"environment": "broken", "stores": {"a": {"nothing": {}}}}, [])
        assert Deployment(tmp_path / "project", sandbox, name).engine(toolchain, print).providers == {}
