"""Tools that are built from a pinned tools module of this repository: one small declaration each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from strongroom_sandbox.toolchain import cache, golang, versions
from strongroom_sandbox.toolchain.errors import NoWayError, ToolchainError
from strongroom_sandbox.toolchain.process import Report, output_of
from strongroom_sandbox.toolchain.versions import Version


@dataclass(frozen=True)
class GoTool:
    """One program, pinned in `tools/NAME/go.mod`."""

    name: str
    #: Import path of its main package. The `go.mod` pins the module that holds it.
    package: str
    #: Linker flags; `{version}` becomes the pinned version (`3.259.0`).
    ldflags: str = "-s -w"
    #: Arguments with which it prints its version, by which a corrupt or foreign binary is noticed.
    version_arguments: tuple[str, ...] = ("version",)

    def module(self, root: Path) -> Path:
        """Folder of the tools module in the clone at `root`."""
        return root / "tools" / self.name

    def version(self, root: Path) -> Version:
        """The pinned version."""
        return versions.pinned(self.module(root), self.package)

    def home(self, root: Path) -> Path:
        """Folder of this version in the per-user cache; its `bin` holds the program."""
        return cache.directory() / self.name / str(self.version(root))

    def version_of(self, binary: Path | str) -> Version | None:
        """The version that `binary` says it has, None if it does not run."""
        printed = output_of([str(binary), *self.version_arguments])
        return Version.find(printed) if printed is not None else None


PULUMI = GoTool(
    "pulumi",
    "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ldflags="-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}",
)
ACTIONLINT = GoTool("actionlint", "github.com/rhysd/actionlint/cmd/actionlint", version_arguments=("-version",))
#: The sandbox's second server: the engines and auth methods that OpenBao lacks. Its licence (BUSL-1.1) allows testing
#: with it; nothing of it is shipped or linked to.
VAULT = GoTool("vault", "github.com/hashicorp/vault")
TOOLS = {tool.name: tool for tool in (PULUMI, ACTIONLINT, VAULT)}


def ensure(tool: GoTool, root: Path, report: Report) -> Path:
    """Path of the built program: from the cache, or built now. Raises NoWayError with the reason."""
    with cache.locked(tool.name, report):
        return cached(tool, root) or build(tool, root, report)


def cached(tool: GoTool, root: Path) -> Path | None:
    """The program in the cache if it runs and says that it has the pinned version."""
    binary = tool.home(root) / "bin" / tool.name
    return binary if binary.exists() and tool.version_of(binary) == tool.version(root) else None


def build(tool: GoTool, root: Path, report: Report) -> Path:
    """Build the program into the cache. Hold the tool's lock. Raises NoWayError with the reason."""
    module, wanted, home = tool.module(root), tool.version(root), tool.home(root)
    report(f"{tool.name}: building {wanted} from {module.relative_to(root)}/go.mod, once per user and version")
    try:
        go = golang.find(versions.minimum_go(module), report)
        with cache.replacing(home) as stage:
            binary = stage / "bin" / tool.name
            ldflags = tool.ldflags.format(version=wanted)
            golang.build(go, module, tool.package, ldflags=ldflags, target=binary, report=report)
            if (built := tool.version_of(binary)) != wanted:
                raise ToolchainError(f"the built {tool.name} says it is version {built}, expected {wanted}")
    except ToolchainError as error:
        raise NoWayError(f"{tool.name} {wanted}", [("go build", str(error))]) from error
    report(f"{tool.name}: built {wanted}")
    return home / "bin" / tool.name
