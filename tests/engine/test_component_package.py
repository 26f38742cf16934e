"""The component package under the real engine: its schema, and a program elsewhere that uses it as a package."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from strongroom.exports import components
from strongroom_sandbox import Sandbox
from strongroom_sandbox.engine import Engine, EngineError
from strongroom_sandbox.toolchain import Toolchain
from support import canary
from support.flavours import only_on
from support.pulumi_project import write_project
from support.stand_in import serving
from support.toolchain import ROOT

pytestmark = pytest.mark.engine

PACKAGE = ROOT / "components"


@pytest.fixture(scope="module")
def schema(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("home")
    done = subprocess.run(
        [str(toolchain.pulumi), "package", "get-schema", "./components"],
        cwd=ROOT,
        env=dict(os.environ) | toolchain.environment() | {"PULUMI_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_schema_lists_exactly_the_public_components(schema: dict[str, Any]) -> None:
    assert schema["name"] == "strongroom"
    assert set(schema["resources"]) == {f"strongroom:index:{component.__name__}" for component in components()}
    assert all(resource["isComponent"] for resource in schema["resources"].values())


def test_the_package_has_the_version_that_is_installed(schema: dict[str, Any]) -> None:
    assert schema["version"] == version("strongroom")


def test_everything_in_the_schema_is_described(schema: dict[str, Any]) -> None:
    described = {**schema["resources"], **schema["types"]}
    missing = [name for name, thing in described.items() if not thing.get("description")]
    missing += [
        f"{name}.{kind}.{prop}"
        for name, thing in described.items()
        for kind in ("properties", "inputProperties")
        for prop, definition in thing.get(kind, {}).items()
        if not definition.get("description")
    ]
    assert missing == []


def test_every_component_needs_only_what_has_no_safe_default(schema: dict[str, Any]) -> None:
    required = {name.rpartition(":")[2]: thing.get("requiredInputs", []) for name, thing in schema["resources"].items()}
    expected = {
        "VaultAppRoleAuth": ["mount"],
        "VaultAppRoles": ["mount", "roles"],
        "VaultAuditDevice": ["declaredBy", "device", "options", "type"],
        "VaultAwsAuth": ["iamServerIdHeaderValue", "mount", "stsEndpoint", "stsRegion"],
        "VaultAwsEngine": ["mount", "region"],
        "VaultDatabaseEngine": ["mount"],
        "VaultDatabaseRoles": ["mount"],
        "VaultJwtAuth": ["issuer", "mount"],
        "VaultJwtRoles": ["mount", "roles"],
        "VaultKvEngine": ["mount"],
        "VaultPasswordPolicies": ["policies"],
        "VaultPolicies": ["policies"],
    }
    assert {name: required[name] for name in expected} == expected


PROGRAM = """
    import pulumi

    class Remote(pulumi.ComponentResource):
        def __init__(self, kind, name, args, outputs=(), opts=None):
            super().__init__(f"strongroom:index:{kind}", name, dict.fromkeys(outputs) | args, opts, remote=True)

    kv = Remote("VaultKvEngine", "kv", {"mount": "kv-remote", "maxVersions": 3, "protectData": False}, ["mount"])
    policy = kv.mount.apply(lambda mount: f'path "{mount}/data/a" {{ capabilities = ["read"] }}')
    policies = Remote("VaultPolicies", "policies", {"policies": {"remote.reader": policy}})
    auth = Remote("VaultAppRoleAuth", "auth", {"mount": "machines-remote", "protectData": False}, ["mount"])
    role = {"policies": ["remote.reader"], "tokenTtlSeconds": 60, "tokenMaxTtlSeconds": pulumi.Output.from_input(120)}
    Remote("VaultAppRoles", "roles", {"mount": auth.mount, "roles": {"reader": role}},
           opts=pulumi.ResourceOptions(depends_on=[policies]))
    audit = Remote("VaultAuditDevice", "audit", {"device": "file", "type": "file", "options": {"file_path": "/a"},
                   "declaredBy": "server configuration"}, ["declaration"])
    pulumi.export("mount", kv.mount)
    pulumi.export("declaration", audit.declaration)
"""


@dataclass(frozen=True)
class Consumer:
    """A program of somebody else, in a folder of its own."""

    engine: Engine
    sandbox: Sandbox

    def write(self, program: str) -> None:
        package = f"plugins: {{providers: [{{name: strongroom, path: {json.dumps(str(PACKAGE))}}}]}}\n"
        write_project(self.engine.project, program, settings=package)


@pytest.fixture
def consumer(toolchain: Toolchain, sandbox: Sandbox, tmp_path: Path) -> Iterator[Consumer]:
    project, work = tmp_path / "elsewhere", tmp_path / "work"
    work.mkdir()
    write_project(project, "")
    with serving(sandbox.vault.token_file, dict(os.environ) | sandbox.environment(with_token=False)) as provider:
        engine = Engine(toolchain, project, "dev", work, providers={"vault": provider.port})
        consumer = Consumer(engine, sandbox)
        consumer.write(PROGRAM)
        engine.configure({"vault:address": sandbox.vault.address})
        yield consumer


def test_a_program_elsewhere_uses_the_components_as_a_package(consumer: Consumer) -> None:
    engine, client = consumer.engine, consumer.sandbox.vault.root_client()
    planned = engine.preview().changes
    assert engine.up().changes == planned
    assert engine.outputs()["mount"] == "kv-remote"
    assert 'audit "file" "file"' in engine.outputs()["declaration"]
    assert client.secrets.kv.v2.read_configuration(mount_point="kv-remote")["data"]["max_versions"] == 3
    role = client.auth.approle.read_role("reader", mount_point="machines-remote")["data"]
    assert role["token_policies"] == ["remote.reader"]
    assert role["token_max_ttl"] == 120
    assert client.sys.read_policy("remote.reader")["data"]["rules"].startswith('path "kv-remote/data/a"')
    assert engine.up().changed == 0
    engine.destroy()
    assert "kv-remote/" not in client.sys.list_mounted_secrets_engines()["data"]


DATABASE = """
    import pulumi

    class Remote(pulumi.ComponentResource):
        def __init__(self, kind, name, args, opts=None):
            super().__init__(f"strongroom:index:{kind}", name, args, opts, remote=True)

    password = pulumi.Config().require_secret("password")
    orders = {
        "connectionUrl": "postgresql://{{username}}:{{password}}@HOST:PORT/orders?sslmode=disable",
        "username": "vault_admin", "firstPassword": password, "allowedRoles": ["reader"],
    }
    Remote("VaultDatabaseEngine", "db", {"mount": "database-remote", "postgresql": {"orders": orders}})
"""


@only_on("openbao")  # the server is not asked
def test_a_first_password_stays_secret_on_its_way_into_the_package(consumer: Consumer) -> None:
    engine = consumer.engine
    postgres = consumer.sandbox.postgres
    consumer.write(DATABASE.replace("HOST", postgres.host).replace("PORT", str(postgres.port())))
    password = "a-first-password-canary"
    engine.set_secret("password", password)
    # A preview sends it to the package; the server is not asked, so that the password need not be the right one.
    done = engine.preview()
    assert done.changes["create"] == 5
    everything = done.console.read_text() + done.events.read_text()
    assert not canary.is_in(password, everything)


@only_on("openbao")  # the server is not asked
def test_what_a_component_refuses_is_read_by_whoever_used_it(consumer: Consumer) -> None:
    consumer.write(
        PROGRAM.split("    kv =", maxsplit=1)[0]
        + """
    Remote("VaultJwtAuth", "jwt", {"mount": "jwt-remote", "issuer": "https://issuer.example"})
    """
    )
    with pytest.raises(EngineError) as failed:
        consumer.engine.preview()
    assert failed.value.result is not None
    shown = failed.value.result.console.read_text()
    assert "jwt: keys come from nowhere; name exactly one of oidc_discovery_url" in shown
