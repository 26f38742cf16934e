"""Versions: what is pinned, and how a version is read from what a tool prints.

A tool's version is pinned in one place, the `go.mod` of its tools module, whichever way the tool is then
obtained.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple, Self


class Version(NamedTuple):
    """A release number. Pre-release and build suffixes are dropped: nothing here is pinned to one."""

    major: int
    minor: int
    patch: int

    @classmethod
    def find(cls, text: str) -> Self | None:
        """The first version in `text` (`v3.259.0`, `go version go1.26.8 linux/amd64`), None if there is none."""
        found = re.search(r"(?<![\d.])(\d+)\.(\d+)(?:\.(\d+))?", text)
        return cls(int(found[1]), int(found[2]), int(found[3] or 0)) if found else None

    @classmethod
    def parse(cls, text: str) -> Self:
        """As `find`; raises ValueError where there is none."""
        version = cls.find(text)
        if version is None:
            raise ValueError(f"no version number in {text!r}")
        return version

    def fits(self, pinned: Self) -> bool:
        """True for the pinned release and newer ones of the same major version.

        Newer is accepted because a release serves the clients of older ones of its major version (a Pulumi CLI the
        programs of older SDKs); older is not, because a client may call what an older one lacks.
        """
        return self.major == pinned.major and self >= pinned

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def pinned(module: Path, package: str) -> Version:
    """The version of `package` that the tools module in the folder `module` pins.

    Raises ValueError if its `go.mod` requires no module that the package can be part of.
    """
    required = re.findall(r"^(?:require)?\s+(\S+) (v\S+)", (module / "go.mod").read_text(), re.MULTILINE)
    owners = [(path, version) for path, version in required if f"{package}/".startswith(f"{path}/")]
    if not owners:
        raise ValueError(f"{module / 'go.mod'} requires no module that holds {package}")
    return Version.parse(max(owners, key=lambda owner: len(owner[0]))[1])


def minimum_go(module: Path) -> Version:
    """The Go that the tools module in the folder `module` needs at least (its `go` line)."""
    found = re.search(r"^go (\S+)", (module / "go.mod").read_text(), re.MULTILINE)
    if found is None:
        raise ValueError(f"{module / 'go.mod'} has no go line")
    return Version.parse(found[1])
