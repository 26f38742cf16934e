"""Which provider serves a stack: the official plugin, or a stand-in of ours for the sandbox."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from strongroom_sandbox.toolchain.errors import ToolchainError
from strongroom_sandbox.toolchain.process import Report, run
from strongroom_sandbox.toolchain.pulumi import Toolchain

#: How long a plugin download may take, in seconds.
DOWNLOAD_SECONDS = 300.0


@dataclass(frozen=True)
class ProviderSource:
    """Where a provider comes from."""

    name: str
    version: str
    kind: Literal["official", "stand-in"]
    #: For people: where the official one was found, or why it could not be had.
    reason: str

    def __str__(self) -> str:
        return f"provider {self.name} {self.version}: {self.kind} ({self.reason})"


def provider_plugin(
    toolchain: Toolchain,
    name: str,
    version: str,
    *,
    report: Report = lambda _line: None,
    pulumi_home: Path | None = None,
    server: str | None = None,
    download_seconds: float = DOWNLOAD_SECONDS,
) -> ProviderSource:
    """Decide for the provider `name` (`vault`) in the release `version` (`7.11.0`) of its Python SDK.

    The official plugin is always preferred: from PATH, from `pulumi_home`/plugins (default: `$PULUMI_HOME` or
    `~/.pulumi`), or downloaded there now, within `download_seconds`. `server` is a mirror to download from, as of
    `pulumi plugin install --server`. Only if none of that works the answer is the stand-in, with the reason.
    """
    binary = f"pulumi-resource-{name}"
    if on_path := shutil.which(binary):
        return ProviderSource(name, version, "official", f"{on_path}, from PATH")
    home = pulumi_home or Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    folder = home / "plugins" / f"resource-{name}-v{version}"
    if _complete(folder, binary):
        return ProviderSource(name, version, "official", f"installed in {folder}")
    argv = [
        str(toolchain.pulumi),
        "plugin",
        "install",
        "resource",
        name,
        version,
        "--exact",
        "--non-interactive",
    ]
    if server is not None:
        argv += ["--server", server]
    try:
        run(
            argv,
            doing=f"downloading the official provider {name} {version}",
            report=report,
            timeout_seconds=download_seconds,
            environment=os.environ | toolchain.environment() | {"PULUMI_HOME": str(home)},
        )
    except ToolchainError as error:
        return ProviderSource(
            name, version, "stand-in", f"the official one cannot be had: {_brief(str(error))}"
        )
    if not _complete(folder, binary):
        return ProviderSource(name, version, "stand-in", f"the download left no {binary} in {folder}")
    return ProviderSource(name, version, "official", f"downloaded to {folder}")


def _complete(folder: Path, binary: str) -> bool:
    """Pulumi marks an unfinished installation with a file `FOLDER.partial`."""
    return os.access(folder / binary, os.X_OK) and not folder.with_name(f"{folder.name}.partial").exists()


def _brief(text: str) -> str:
    """The line that names the cause, without Pulumi's progress and colours."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in text.splitlines()]
    errors = [line for line in lines if "error:" in line]
    return (errors or [line for line in lines if line] or ["no reason given"])[-1].removeprefix("error: ")
