"""One environment as several small stacks: the platform's, and one for each team."""

import json
from pathlib import Path

import pytest
import yaml

from strongroom.vault.profile import Flavour
from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.engine import Engine
from strongroom_sandbox.proof.run import prove
from strongroom_sandbox.proof.world import World
from strongroom_sandbox.toolchain import Toolchain
from support.sandbox import running

pytestmark = pytest.mark.engine

SLICES = ("platform", "identity", "payments")


def _engine(deployment: Deployment, toolchain: Toolchain) -> Engine:
    engine = deployment.engine(toolchain, print)
    deployment.configure(engine)
    return engine


def _made(engine: Engine) -> list[str]:
    """The provider's resources in a stack, by type and name."""
    resources = engine.export()["deployment"]["resources"]
    return [_leaf(r["urn"]) for r in resources if r.get("custom") and not r["type"].startswith("pulumi:")]


def _planned(engine: Engine) -> list[str]:
    """The provider's resources that a first deployment would make."""
    events = engine.preview(check=False).events.read_text("utf-8").splitlines()
    steps = [json.loads(line)["resourcePreEvent"]["metadata"] for line in events if '"resourcePreEvent"' in line]
    return [_leaf(s["urn"]) for s in steps if s["new"].get("custom") and not s["type"].startswith("pulumi:")]


def _leaf(urn: str) -> str:
    return "::".join(urn.split("::")[-2:]).rpartition("$")[2]


def test_slices_deploy_apart_what_the_whole_deploys_at_once(
    project: Path, toolchain: Toolchain, tmp_path: Path, flavour: Flavour
) -> None:
    for name in SLICES:
        settings = {"config": {"strongroom:environment": "sandbox", "strongroom:slice": name}}
        (project / "stacks" / f"Pulumi.sandbox-{name}.yaml").write_text(yaml.safe_dump(settings))
    with running(tmp_path / "sandbox", flavour=flavour) as sandbox:
        stacks = {name: Deployment(project, sandbox, f"sandbox-{name}") for name in SLICES}
        engines = {name: _engine(deployment, toolchain) for name, deployment in stacks.items()}
        for name in SLICES:
            stacks[name].up(engines[name])
        whole = Deployment(project, sandbox)
        engine = _engine(whole, toolchain)
        plan = whole.plan(engine)
        whole.fill(plan, print)
        whole.prepare_workloads(plan)
        said: list[str] = []
        searched = (engine.backend, engine.work / "logs", engine.work / "stack")
        held = prove(World(sandbox, plan, searched), said.append)
        assert held, "\n".join(said)
        assert all(stacks[name].up(engines[name]).changed == 0 for name in SLICES)
        in_slices = [made for name in SLICES for made in _made(engines[name])]
        assert sorted(in_slices) == sorted(_planned(engine))
