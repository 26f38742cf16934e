"""A project under the real engine, on the stand-in for one cloud."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from strongroom_sandbox.engine import Engine as Pulumi
from strongroom_sandbox.engine import EngineError
from strongroom_sandbox.providers.frame.file_store import FileStore
from strongroom_sandbox.toolchain import Toolchain
from support.projects import ProjectFolder
from support.stand_in import serving


@dataclass(frozen=True)
class Deployed:
    """A project, the engine for it, and the file that its resources are in."""

    project: ProjectFolder
    pulumi: Pulumi
    file: Path

    @property
    def resources(self) -> dict[str, Any]:
        return FileStore(self.file).all()

    def refused(self, preview: bool = False) -> str:
        """What is shown when a deployment, or its preview, fails."""
        with pytest.raises(EngineError) as failed:
            (self.pulumi.preview if preview else self.pulumi.up)()
        assert failed.value.result is not None
        return failed.value.result.console.read_text()


@contextmanager
def deploying(
    toolchain: Toolchain, folder: Path, files: Mapping[str, str], package: str, environment: dict[str, str]
) -> Iterator[Deployed]:
    """The files' stack `prod`, of which nothing is deployed yet. `environment` is that of the provider's process."""
    root, work, file = folder / "project", folder / "work", folder / package / "resources.json"
    for made in (root, work, file.parent):
        made.mkdir()
    project = ProjectFolder(root, files)
    project.write(
        "__main__.py", "from pathlib import Path\nfrom strongroom.program import run\nrun(Path.cwd().parent)\n"
    )
    with serving(file, environment, package) as engine:
        pulumi = Pulumi(toolchain, root, "prod", work, providers={package: engine.port})
        pulumi.configure({"strongroom:environment": "prod"})
        yield Deployed(project, pulumi, file)
