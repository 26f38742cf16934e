"""Tools that are built from a pinned tools module of this repository: one small declaration each."""

from __future__ import annotations

import os
import re
import shutil
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
    #: How that begins (a regular expression), where other programs go by the same name.
    says: str = ""
    #: Folder of its `go.mod` in `tools`, if several programs share one.
    folder: str = ""
    #: Whether the test environment of Kubernetes controllers (`setup-envtest`) ships it too.
    in_envtest: bool = False

    def module(self, root: Path) -> Path:
        """Folder of the tools module in the clone at `root`."""
        return root / "tools" / (self.folder or self.name)

    def version(self, root: Path) -> Version:
        """The pinned version."""
        return versions.pinned(self.module(root), self.package)

    def home(self, root: Path) -> Path:
        """Folder of this version in the per-user cache; its `bin` holds the program."""
        return cache.directory() / self.name / str(self.version(root))

    def version_of(self, binary: Path | str) -> Version | None:
        """The version that `binary` says it has, None if it does not run or is another program."""
        printed = self.printed_by(binary)
        return Version.find(printed) if printed is not None and re.match(self.says, printed) else None

    def printed_by(self, binary: Path | str) -> str | None:
        """What `binary` prints when asked for its version, None if it does not run."""
        return output_of([str(binary), *self.version_arguments])


PULUMI = GoTool(
    "pulumi",
    "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ldflags="-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}",
)
ACTIONLINT = GoTool("actionlint", "github.com/rhysd/actionlint/cmd/actionlint", version_arguments=("-version",))
#: The sandbox's second server: the engines and auth methods that OpenBao lacks. Its licence (BUSL-1.1) allows testing
#: with it; nothing of it is shipped or linked to.
#: Some link `vault` to OpenBao's `bao`, and the Enterprise edition does not start without a licence: neither is taken.
VAULT = GoTool("vault", "github.com/hashicorp/vault", says=r"Vault v[\d.]+(?!\S*\+ent)\b")

_KUBERNETES = "-s -w -X k8s.io/component-base/version.gitVersion=v{version}"
KUBE_APISERVER, KUBE_CONTROLLER_MANAGER = (
    GoTool(
        name,
        f"k8s.io/kubernetes/cmd/{name}",
        ldflags=_KUBERNETES,
        version_arguments=("--version",),
        says=r"Kubernetes v",
        folder="kubernetes",
        in_envtest=True,
    )
    for name in ("kube-apiserver", "kube-controller-manager")
)
ETCD = GoTool(
    "etcd",
    "go.etcd.io/etcd/server/v3",
    version_arguments=("--version",),
    says=r"etcd Version:",
    in_envtest=True,
)
TOOLS = {tool.name: tool for tool in (PULUMI, ACTIONLINT, VAULT, ETCD, KUBE_APISERVER, KUBE_CONTROLLER_MANAGER)}

CLONE = Path(__file__).parents[3]
"""The clone that this package is part of: the `go.mod` files in its `tools` say which versions."""


def on_path(tool: GoTool, root: Path) -> Path:
    """The program on PATH, or in an envtest folder, if its version fits: the pinned release or a newer one of the same
    major version.

    Raises ToolchainError that says why not. What the clone at `root` placed itself does not count.
    """
    own = str(root / ".toolchain" / "bin")
    path = [part for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part != own]
    if tool.in_envtest:
        # Where controller-runtime's `setup-envtest` says that they are, or its default.
        path.append(os.environ.get("KUBEBUILDER_ASSETS") or "/usr/local/kubebuilder/bin")
    found = shutil.which(tool.name, path=os.pathsep.join(path))
    if found is None:
        raise ToolchainError(f"no {tool.name} there")
    wanted, version = tool.version(root), tool.version_of(found)
    if version is None:
        printed = (tool.printed_by(found) or "").strip()
        raise ToolchainError(
            f"{found} is another program: it says {printed.splitlines()[0]!r}"
            if printed and Version.find(printed)
            else f"{found} does not run or prints no version"
        )
    if not version.fits(wanted):
        raise ToolchainError(
            f"{found} is version {version}; needed is {wanted} or newer, of major version {wanted.major}"
        )
    return Path(found)


def obtain(tool: GoTool, root: Path, report: Report) -> Path:
    """Path of the program: from PATH, from the per-user cache, or built into that now, which takes minutes.

    Raises NoWayError, which says of each way why it failed.
    """
    try:
        return on_path(tool, root)
    except ToolchainError as error:
        elsewhere = ("PATH", str(error))
    try:
        return ensure(tool, root, report)
    except NoWayError as error:
        raise NoWayError(f"{tool.name} {tool.version(root)}", [elsewhere, *error.failures]) from error


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
