"""Entities in a team's own slice: the auth methods are another stack's, and the server is asked for their accessors."""

from pathlib import Path

import pytest
import yaml

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.engine import Engine
from strongroom_sandbox.toolchain import Toolchain
from support.deployed import write_project
from support.workloads import environment, runs_as

pytestmark = pytest.mark.engine

NAME = "sliced"


def _engine(deployment: Deployment, toolchain: Toolchain) -> Engine:
    engine = deployment.engine(toolchain, print)
    deployment.configure(engine)
    return engine


# Namespaces are OpenBao's, or Vault Enterprise's.
@pytest.mark.parametrize(
    ("flavour", "namespace"), [("openbao", ""), ("vault", ""), ("openbao", "teams")], indirect=["flavour"]
)
def test_a_team_names_its_entities_at_auth_methods_that_another_stack_made(
    sandbox: Sandbox, toolchain: Toolchain, flavour: Flavour, namespace: str, tmp_path: Path
) -> None:
    declared = environment(sandbox, NAME, {})
    declared["vault"] |= {"namespace": {"path": namespace}} if namespace else {}
    declared["vault"] |= {
        "flavour": flavour,
        "policies": {
            "own": {
                "reason": "what no grant can say",
                "rules": [
                    {
                        "path": f"kv-{NAME}/data/{{{{identity.entity.aliases.${{auth/issuer/@accessor}}.name}}}}",
                        "capabilities": ["read"],
                    }
                ],
            }
        },
        "identity": {"groups": {"all": {"teams": ["payments"], "policies": ["own"]}}},
    }
    write_project(tmp_path, declared, [{"team": "payments", "workloads": {"checkout": runs_as("checkout")}}])
    stacks = {}
    for part in ("platform", "payments"):
        settings = {"config": {"strongroom:environment": NAME, "strongroom:slice": part}}
        (tmp_path / "stacks" / f"Pulumi.{NAME}-{part}.yaml").write_text(yaml.safe_dump(settings))
        stacks[part] = Deployment(tmp_path, sandbox, f"{NAME}-{part}")
    engines = {part: _engine(stack, toolchain) for part, stack in stacks.items()}
    for part, stack in stacks.items():
        stack.up(engines[part])
    root = sandbox.vault.root_client()
    root.adapter.namespace = namespace or None
    accessor = root.sys.list_auth_methods()["data"][f"issuer-{NAME}/"]["accessor"]
    entity = root.secrets.identity.read_entity_by_name(f"{NAME}.payments.checkout")["data"]
    assert [(alias["mount_accessor"], alias["name"]) for alias in entity["aliases"]] == [(accessor, "checkout")]
    assert f"aliases.{accessor}.name" in root.sys.read_acl_policy(f"{NAME}.platform.own")["data"]["policy"]
    for part, stack in stacks.items():
        again = stack.up(engines[part])
        assert again.changed == 0, again.console.read_text()
    for part in ("payments", "platform"):
        engines[part].destroy()
