"""The example of a page of the documentation, as a project."""

import re
from pathlib import Path

from support.projects import ProjectFolder
from support.toolchain import ROOT


def example(page: str, folder: Path) -> ProjectFolder:
    """Every YAML block of `docs/<page>` that begins with the name of its file, with a stack for each environment."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    files = dict(re.findall(r"```yaml\n# stacks/(\S+)\n(.*?)```", text, re.DOTALL))
    assert files, f"{page} has no example"
    for environment in [Path(file).stem for file in files if file.startswith("environments/")]:
        files[f"Pulumi.{environment}.yaml"] = f"config:\n  strongroom:environment: {environment}\n"
    return ProjectFolder(folder, files)
