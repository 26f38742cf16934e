"""Writes small throw-away Pulumi projects for tests."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent


def write_project(
    folder: Path, program: str, *, manifest: str = "Pulumi.yaml", settings: str = "", **files: str
) -> Path:
    """Write a Python project named `probe` with the given `__main__.py` into `folder`, and return `folder`.

    `settings` is YAML added to the manifest (`Pulumi.yaml`, `PulumiPolicy.yaml` or `PulumiPlugin.yaml`); it starts at
    the top level and replaces the default runtime if it names one. `files` are more files: module name to text.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = dedent(settings)
    head = "" if manifest != "Pulumi.yaml" else "name: probe\n"
    runtime = "" if "runtime:" in settings else "runtime: python\n"
    (folder / manifest).write_text(f"{head}{runtime}{settings}")
    (folder / "__main__.py").write_text(dedent(program))
    for name, text in files.items():
        (folder / f"{name}.py").write_text(dedent(text))
    return folder


#: A program of one component, which needs no provider.
COMPONENT = """
    import pulumi

    class Probe(pulumi.ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("probe:index:Probe", name, {}, opts)
            self.register_outputs({})
"""
