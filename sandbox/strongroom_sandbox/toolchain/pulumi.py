"""The Pulumi CLI and its Python language host: found, installed or built, and placed in `.toolchain/bin`."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from strongroom_sandbox.toolchain import cache, gotools, vendor
from strongroom_sandbox.toolchain.errors import NoWayError, ToolchainError
from strongroom_sandbox.toolchain.gotools import PULUMI
from strongroom_sandbox.toolchain.process import Report
from strongroom_sandbox.toolchain.versions import Version

LANGUAGE_HOST = "pulumi-language-python"


@dataclass(frozen=True)
class Toolchain:
    """A Pulumi CLI that can run Python programs, with the folder it is placed in."""

    #: The program, `.toolchain/bin/pulumi` of the clone.
    pulumi: Path
    #: Whether Python programs run through the vendor's language host or through ours.
    language_host: Literal["official", "own"]

    def environment(self) -> dict[str, str]:
        """Variables to add to the environment of a process that runs `pulumi`.

        `.toolchain/bin` comes last on PATH, so that an official language host or tool is never shadowed by
        ours.
        """
        path = [part for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part]
        own = str(self.pulumi.parent)
        return {
            "PATH": os.pathsep.join([part for part in path if part != own] + [own]),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }


def ensure(root: Path, report: Report) -> Toolchain:
    """A working toolchain for the clone at `root`, in `root`/.toolchain/bin.

    Three ways are tried in this order: the `pulumi` on PATH if its version fits (the pinned release or a
    newer one of the same major version), the vendor's installer, `go build` from `tools/pulumi/go.mod`. What
    the latter two yield goes to the per-user cache. `report` is called with a line of progress now and then.
    Raises NoWayError, which says of each way why it failed.
    """
    root = root.resolve()
    binary = _obtain(root, report)
    with cache.locked("toolchain", report):  # two processes may prepare the same clone
        return place(binary, root / ".toolchain" / "bin", "official" if _has_official_host(binary) else "own")


def place(binary: Path, folder: Path, language_host: Literal["official", "own"]) -> Toolchain:
    """Put the CLI at `folder`/pulumi; beside it our language host, or none if an official one is there."""
    folder.mkdir(parents=True, exist_ok=True)
    launcher = folder / LANGUAGE_HOST
    if language_host == "own":
        _write_launcher(launcher)
        _copy(binary.resolve(), folder / "pulumi")
    else:
        launcher.unlink(missing_ok=True)
        _link(binary.resolve(), folder / "pulumi")
    return Toolchain(folder / "pulumi", language_host)


def _obtain(root: Path, report: Report) -> Path:
    wanted = PULUMI.version(root)
    try:
        return gotools.on_path(PULUMI, root)
    except ToolchainError as error:
        failures = [("PATH", str(error))]
    with cache.locked(PULUMI.name, report):
        if ready := gotools.cached(PULUMI, root):
            return ready
        for way, get in _WAYS:
            try:
                return get(root, wanted, report)
            except NoWayError as error:
                failures += error.failures
            except ToolchainError as error:
                failures.append((way, str(error)))
            report("pulumi: " + ": ".join(failures[-1]).splitlines()[0])
    raise NoWayError(f"pulumi {wanted}", failures)


def _from_vendor(root: Path, wanted: Version, report: Report) -> Path:
    report(f"pulumi: trying the vendor's installer for {wanted}")
    home = PULUMI.home(root)
    with cache.replacing(home) as stage:
        vendor.install(stage, wanted, report)
        if (installed := PULUMI.version_of(stage / "bin" / "pulumi")) != wanted:
            raise ToolchainError(f"the vendor's installer left version {installed}, expected {wanted}")
    return home / "bin" / "pulumi"


def _from_source(root: Path, _wanted: Version, report: Report) -> Path:
    return gotools.build(PULUMI, root, report)


_WAYS: tuple[tuple[str, Callable[[Path, Version, Report], Path]], ...] = (
    ("vendor's installer", _from_vendor),
    ("go build", _from_source),
)


def _has_official_host(pulumi: Path) -> bool:
    """True if the engine itself would find a language host: on PATH (other than ours), or beside its program."""
    if os.access(pulumi.resolve().parent / LANGUAGE_HOST, os.X_OK):
        return True
    found = shutil.which(LANGUAGE_HOST)
    return found is not None and Path(found).parent.parent.name != ".toolchain"


def _write_launcher(path: Path) -> None:
    """A script, because a `#!` line is limited in length and takes no blanks, and clones lie anywhere."""
    command = shlex.join([sys.executable, "-I", "-m", "strongroom_sandbox.toolchain.language_host"])
    text = f'#!/bin/sh\n# Written by strongroom: its own Pulumi language host for Python.\nexec {command} "$@"\n'
    if path.exists() and path.read_text() == text:
        return
    with _replacing(path) as fresh:
        fresh.write_text(text)
        fresh.chmod(0o755)


def _link(source: Path, target: Path) -> None:
    if not (target.is_symlink() and target.resolve() == source):
        with _replacing(target) as fresh:
            fresh.symlink_to(source)


def _copy(source: Path, target: Path) -> None:
    """The program itself must lie beside our launcher, not a symbolic link to it: Pulumi resolves links, looks for
    the language host next to what it finds, and warns on every run if it comes from another place. A hard link costs
    nothing; across file systems it is a copy.
    """
    if target.exists() and not target.is_symlink():
        one, other = source.stat(), target.stat()
        if (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns):
            return
    with _replacing(target) as fresh:
        try:
            fresh.hardlink_to(source)
        except OSError:
            shutil.copy2(source, fresh)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a name to write to that takes the place of `path` at once."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    yield fresh
    fresh.replace(path)
