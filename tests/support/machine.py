"""A machine for toolchain tests: an empty home, a PATH with only what a test puts there, no network."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from strongroom_sandbox.toolchain.gotools import PULUMI
from support.toolchain import ROOT


class Machine:
    """Programs on it are shell scripts; a clone on it has the real pins of this repository."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.path = folder / "path"
        self.home = folder / "home"
        self.path.mkdir()
        self.home.mkdir()
        self.messages: list[str] = []
        self.pinned = str(PULUMI.version(ROOT))
        for name in list(os.environ):
            if name.startswith(("PULUMI_", "XDG_", "GO")) or name.lower().endswith("_proxy"):
                monkeypatch.delenv(name)
        # A port that is taken and does not listen: nothing can be reached, and at once.
        self._blocked = socket.socket()
        self._blocked.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{self._blocked.getsockname()[1]}"
        for name, value in {
            "HOME": str(self.home),
            # The system's own folders for `sh` and friends; none of them has pulumi or go (asserted).
            "PATH": f"{self.path}:/usr/bin:/bin",
            **dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), proxy),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(folder / "wheels"),
        }.items():
            monkeypatch.setenv(name, value)
        (folder / "wheels").mkdir()
        for tool in ("pulumi", "go", "pulumi-language-python", "pulumi-resource-vault"):
            assert not any(Path(place, tool).exists() for place in ("/usr/bin", "/bin")), tool

    def close(self) -> None:
        """Free the port."""
        self._blocked.close()

    @property
    def cache(self) -> Path:
        """The user's cache."""
        return self.home / ".cache" / "strongroom"

    def report(self, line: str) -> None:
        """Collects messages."""
        self.messages.append(line)

    def clone(self, name: str = "clone") -> Path:
        """A clone of the repository, as far as the toolchain looks at it."""
        for tool in ("pulumi", "vault", "etcd", "kubernetes"):
            module = self.folder / name / "tools" / tool
            module.mkdir(parents=True)
            (module / "go.mod").write_text((ROOT / "tools" / tool / "go.mod").read_text())
        return self.folder / name

    def program(self, path: Path, script: str) -> Path:
        """Write an executable shell script."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def pulumi(self, version: str, folder: Path | None = None) -> Path:
        """A `pulumi` of that version, on PATH or in another folder."""
        return self.program((folder or self.path) / "pulumi", f"echo v{version}")

    def go(
        self, builds: str | None = None, version: str = "1.26.0", before: str = "", prints: str = "v{version}"
    ) -> Path:
        """A `go` whose builds yield a program that says it is version `builds` (by default the pinned pulumi); each is
        noted in `self.builds`."""
        note = self.folder / "builds"
        script = f"""
        if [ "$1" = env ]; then echo go{version}; exit 0; fi
        while [ $# -gt 0 ]; do if [ "$1" = -o ]; then target=$2; fi; shift; done
        echo build >> '{note}'
        {before}
        mkdir -p "$(dirname "$target")"
        printf '#!/bin/sh\\necho {prints.format(version=builds or self.pinned)}\\n' > "$target"
        chmod +x "$target"
        """
        return self.program(self.path / "go", script)

    @property
    def builds(self) -> int:
        """How often `go build` ran."""
        note = self.folder / "builds"
        return len(note.read_text().splitlines()) if note.exists() else 0
