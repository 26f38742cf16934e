"""The stand-in under the real Pulumi engine."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hvac
import pytest

from strongroom_sandbox.engine import Engine as Pulumi
from strongroom_sandbox.engine import EngineError
from strongroom_sandbox.toolchain import Toolchain
from support.pulumi_project import write_project
from support.stand_in import serving

from .conftest import DevServer

pytestmark = pytest.mark.engine

PROGRAM = """
    import json
    import pulumi
    import pulumi_vault as vault
    from pulumi_vault import approle, generic, identity, kv, transit

    class Team(pulumi.ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("probe:index:Team", name, {}, opts)
            below = pulumi.ResourceOptions(parent=self)
            values = vault.Mount("values", path="values", type="kv", options={"version": "2"}, opts=below)
            kv.SecretBackendV2("settings", mount=values.path, max_versions=5, opts=below)
            kv.SecretV2(
                "secret", mount=values.path, name="a/b", data_json=pulumi.Output.secret(json.dumps({"x": "hunter2"})),
                opts=below,
            )
            rules = values.path.apply(lambda path: f'path "{path}/data/*" {{ capabilities = ["read"] }}')
            reader = vault.Policy("reader", policy=rules, opts=below)
            method = vault.AuthBackend("method", type="approle", path="method", opts=below)
            role = approle.AuthBackendRole(
                "role", backend=method.path, role_name="r", token_policies=[reader.name], opts=below
            )
            entity = identity.Entity("entity", policies=[reader.name], opts=below)
            identity.EntityAlias(
                "alias", name=role.role_id, canonical_id=entity.id, mount_accessor=method.accessor, opts=below
            )
            crypto = vault.Mount("crypto", path="crypto", type="transit", opts=below)
            key = transit.SecretBackendKey("key", backend=crypto.path, name="k", deletion_allowed=True, opts=below)
            generic.Endpoint(
                "rotation", path=key.id.apply(lambda identity: f"{identity}/rotate"), data_json="{}",
                disable_read=True, disable_delete=True, opts=below,
            )
            self.register_outputs({})

    Team("team")
"""
RESOURCES = 13  # the stack, the component, and what is in it


@dataclass(frozen=True)
class Deployment:
    """A stack, and the server it deploys to."""

    pulumi: Pulumi
    server: DevServer

    def client(self) -> hvac.Client:
        """A client with the root token."""
        return self.server.client()


@pytest.fixture
def deployment(toolchain: Toolchain, dev_server: DevServer, tmp_path: Path) -> Iterator[Deployment]:
    """A program with many kinds of resources below a component, and nothing deployed yet."""
    project = write_project(tmp_path / "project", PROGRAM)
    work = tmp_path / "work"
    work.mkdir()
    with serving(dev_server.token_file, dict(os.environ)) as engine:
        pulumi = Pulumi(toolchain, project, "dev", work, providers={"vault": engine.port})
        pulumi.configure({"vault:address": dev_server.address})
        yield Deployment(pulumi, dev_server)


def test_a_program_is_previewed_deployed_settles_is_refreshed_and_destroyed(deployment: Deployment) -> None:
    pulumi, before = deployment.pulumi, deployment.client().sys.list_mounted_secrets_engines()["data"].keys()
    assert pulumi.preview().changes == {"create": RESOURCES}
    assert deployment.client().sys.list_mounted_secrets_engines()["data"].keys() == before
    assert pulumi.up().changes == {"create": RESOURCES}
    assert pulumi.up().changed == 0
    assert pulumi.refresh().changed == 0
    assert pulumi.up().changed == 0
    assert "hunter2" not in str(pulumi.export())
    assert pulumi.destroy().changes == {"delete": RESOURCES}
    assert deployment.client().sys.list_mounted_secrets_engines()["data"].keys() == before


def test_what_somebody_else_deleted_is_made_again_after_a_refresh(deployment: Deployment) -> None:
    deployment.pulumi.up()
    deployment.client().sys.disable_auth_method("method")
    deployment.pulumi.refresh()
    changes = deployment.pulumi.up().changes
    assert changes["create"] == 2  # the method and the role that went with it
    assert changes["update"] == 1  # the alias, which belongs to the new method
    assert deployment.pulumi.up().changed == 0


def test_what_exists_on_the_server_is_imported_by_its_id(deployment: Deployment) -> None:
    deployment.client().sys.create_or_update_policy("written-by-hand", 'path "x" {}')
    command = ["pulumi", "import", "vault:index/policy:Policy", "found", "written-by-hand"]
    flags = ["--generate-code=false", "--protect=false", "--yes", "--non-interactive", "--stack", "dev"]
    flags += ["--config-file", str(deployment.pulumi.config_file)]
    subprocess.run([*command, *flags], cwd=deployment.pulumi.project, env=deployment.pulumi.environment(), check=True)
    resources = deployment.pulumi.export()["deployment"]["resources"]
    (found,) = [resource for resource in resources if resource["urn"].endswith("::found")]
    assert found["inputs"] == {"name": "written-by-hand", "policy": 'path "x" {}'}


def test_an_error_of_the_server_is_what_the_user_reads(deployment: Deployment) -> None:
    deployment.client().sys.enable_secrets_engine("kv", path="values")
    with pytest.raises(EngineError) as failed:
        deployment.pulumi.up()
    assert failed.value.result is not None
    assert "path is already in use at values/" in failed.value.result.console.read_text()


def test_a_resource_that_was_made_but_could_not_be_read_is_not_lost(
    toolchain: Toolchain, dev_server: DevServer, tmp_path: Path
) -> None:
    client = dev_server.client()
    rules = 'path "sys/mounts/values" { capabilities = ["create", "update", "delete"] }'
    client.sys.create_or_update_policy("writes-only", rules)
    token_file = tmp_path / "writer"
    token_file.write_text(client.auth.token.create(policies=["writes-only"])["auth"]["client_token"])
    program = 'import pulumi_vault\npulumi_vault.Mount("values", path="values", type="kv")\n'
    work = tmp_path / "work"
    work.mkdir()
    with serving(token_file, dict(os.environ)) as engine:
        project = write_project(tmp_path / "project", program)
        pulumi = Pulumi(toolchain, project, "dev", work, providers={"vault": engine.port})
        pulumi.configure({"vault:address": dev_server.address})
        with pytest.raises(EngineError):
            pulumi.up()
        token_file.write_text(dev_server.token_file.read_text())  # somebody grants what was missing
        assert pulumi.up().changes.get("create", 0) == 0  # the server would refuse a second mount at that path
        assert pulumi.up().changed == 0
