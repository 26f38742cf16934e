"""One environment as several small stacks: the platform's, and one for each team."""

from pathlib import Path

import pytest
import yaml

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


def test_slices_deploy_apart_what_the_whole_deploys_at_once(
    project: Path, toolchain: Toolchain, tmp_path: Path
) -> None:
    for name in SLICES:
        settings = {"config": {"strongroom:environment": "sandbox", "strongroom:slice": name}}
        (project / "stacks" / f"Pulumi.sandbox-{name}.yaml").write_text(yaml.safe_dump(settings))
    with running(tmp_path / "sandbox") as sandbox:
        stacks = {name: Deployment(project, sandbox, f"sandbox-{name}") for name in SLICES}
        engines = {name: _engine(deployment, toolchain) for name, deployment in stacks.items()}
        made = sum(stacks[name].up(engines[name]).changes["create"] for name in SLICES)
        whole = Deployment(project, sandbox)
        engine = _engine(whole, toolchain)
        plan = whole.plan(engine)
        whole.fill(plan, print)
        said: list[str] = []
        searched = (engine.backend, engine.work / "logs", engine.work / "stack")
        held = prove(World(sandbox, plan, searched, sandbox.openbao.audit_log.stat().st_size), said.append)
        assert held, "\n".join(said)
        assert all(stacks[name].up(engines[name]).changed == 0 for name in SLICES)
        # Each stack has a resource for itself; all else is in exactly one of them.
        assert made - len(SLICES) == engine.preview(check=False).changes["create"] - 1
