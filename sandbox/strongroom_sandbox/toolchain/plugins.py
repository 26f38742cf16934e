"""Which provider serves a stack: the official plugin, or a stand-in of ours for the sandbox."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from strongroom_sandbox.toolchain import cache
from strongroom_sandbox.toolchain.errors import ToolchainError
from strongroom_sandbox.toolchain.process import Report, run
from strongroom_sandbox.toolchain.pulumi import Toolchain

#: How long a plugin download may take, in seconds.
DOWNLOAD_SECONDS = 120.0


#: Downloads that failed, with the cause: a network that refused is not asked again by the same process.
_REFUSED: dict[tuple[Path, str | None], str] = {}


@dataclass(frozen=True)
class ProviderSource:
    """Where a provider comes from. As text: one line for people."""

    name: str
    version: str
    kind: Literal["official", "stand-in"]
    #: Where the official one was found, or why it could not be had.
    reason: str

    def __str__(self) -> str:
        return f"provider {self.name} {self.version}: {self.kind} ({self.reason})"


def folder() -> Path:
    """The plugin folder in the per-user cache, which every `Engine` uses as its own."""
    return cache.directory() / "pulumi-home" / "plugins"


def provider_plugin(
    toolchain: Toolchain,
    name: str,
    version: str,
    *,
    report: Report = lambda _line: None,
    server: str | None = None,
    download_seconds: float = DOWNLOAD_SECONDS,
) -> ProviderSource:
    """Decide for the provider `name` (`vault`) in the release `version` (`7.11.0`) of its Python SDK.

    The official plugin is always preferred: from PATH, from the cache, from the user's own `$PULUMI_HOME` (default
    `~/.pulumi`), or downloaded now, within `download_seconds`. `server` is a mirror to download from, as of
    `pulumi plugin install --server`. Only if none of that works the answer is the stand-in, with the reason.
    """

    def official(reason: str) -> ProviderSource:
        return ProviderSource(name, version, "official", reason)

    binary = f"pulumi-resource-{name}"
    if on_path := shutil.which(binary):
        return official(f"{on_path}, from PATH")
    release = f"resource-{name}-v{version}"
    with cache.locked(release, report):
        cached = folder() / release
        if _is_complete(cached, binary):
            return official(f"installed in {cached}")
        users = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "plugins" / release
        if _is_complete(users, binary):
            with cache.replacing(cached) as stage:
                shutil.copytree(users, stage, copy_function=_link_or_copy, dirs_exist_ok=True)
            return official(f"installed in {users}")
        asked = (cached, server)
        if asked not in _REFUSED:
            try:
                _download(toolchain, name, version, server, download_seconds, report)
            except ToolchainError as error:
                _REFUSED[asked] = _cause(str(error))
        if asked in _REFUSED:
            reason = f"the official one is not installed and cannot be downloaded: {_REFUSED[asked]}"
            return ProviderSource(name, version, "stand-in", reason)
        if not _is_complete(cached, binary):
            return ProviderSource(name, version, "stand-in", f"the download left no {binary} in {cached}")
        return official(f"downloaded to {cached}")


def _download(
    toolchain: Toolchain, name: str, version: str, server: str | None, seconds: float, report: Report
) -> None:
    argv = [str(toolchain.pulumi), "plugin", "install", "resource", name, version, "--exact"]
    run(
        [*argv, "--non-interactive", "--color", "never", *(["--server", server] if server else [])],
        doing=f"provider {name}: downloading the official plugin {version}",
        report=report,
        timeout_seconds=seconds,
        environment=dict(os.environ) | toolchain.environment() | {"PULUMI_HOME": str(folder().parent)},
    )


def _is_complete(plugin: Path, binary: str) -> bool:
    """Pulumi marks an unfinished installation with a file `FOLDER.partial`."""
    return os.access(plugin / binary, os.X_OK) and not plugin.with_name(f"{plugin.name}.partial").exists()


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def _cause(text: str) -> str:
    """The line that names the cause, without Pulumi's progress."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"\berror:", line)]
    return re.sub(r"^(error: )?(\[.*?\] )?(downloading from \S* ?: )?", "", (errors or lines)[-1])
