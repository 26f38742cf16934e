"""A small project, deployed to the sandbox by the real engine."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from strongroom.plan.plan import Plan
from strongroom_sandbox import Sandbox
from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.engine import Engine, Result
from strongroom_sandbox.toolchain import Toolchain
from support.toolchain import ROOT


class Deployed(NamedTuple):
    """What was deployed, and how."""

    deployment: Deployment
    engine: Engine
    plan: Plan
    result: Result

    def up(self, *allow_loss: str) -> Result:
        """Deploys again, whatever is in the files now; these paths may be lost."""
        return self.deployment.up(self.engine, allow_loss)


def write_project(folder: Path, environment: Mapping[str, Any], catalogs: Sequence[Mapping[str, Any]]) -> str:
    """Writes a project with one environment and one stack of the same name, and returns that name."""
    name = str(environment["environment"])
    manifest = yaml.safe_load((ROOT / "Pulumi.yaml").read_text("utf-8"))
    manifest["runtime"]["options"]["virtualenv"] = str(ROOT / ".venv")
    files = {
        "Pulumi.yaml": manifest,
        f"stacks/Pulumi.{name}.yaml": {"config": {"strongroom:environment": name}},
        f"stacks/environments/{name}.yaml": dict(environment),
        **{f"stacks/catalog/{catalog['team']}.yaml": dict(catalog) for catalog in catalogs},
    }
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
    (folder / "stacks" / "__main__.py").write_bytes((ROOT / "stacks" / "__main__.py").read_bytes())
    return name


def deploy(
    sandbox: Sandbox,
    toolchain: Toolchain,
    folder: Path,
    environment: Mapping[str, Any],
    catalogs: Sequence[Mapping[str, Any]] = (),
    secrets: Mapping[str, str] | None = None,
) -> Deployed:
    """Writes a project into `folder` and deploys it. `secrets` are values of the stack's configuration.

    The environment's name should be one that no other test uses: mounts carry it.
    """
    name = write_project(folder, environment, catalogs)
    deployment = Deployment(folder, sandbox, name)
    engine = deployment.engine(toolchain, print)
    engine.configure({"settings": sandbox.settings()}, folder / "stacks" / f"Pulumi.{name}.yaml")
    for key, value in (secrets or {}).items():
        engine.set_secret(key, value)
    result = deployment.up(engine)
    return Deployed(deployment, engine, deployment.plan(engine), result)
