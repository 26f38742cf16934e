"""The vendor's installer through the real `PulumiCommand.install`, against a server of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from strongroom_sandbox.toolchain import ensure, vendor
from strongroom_sandbox.toolchain.errors import ToolchainError
from strongroom_sandbox.toolchain.versions import Version
from support.machine import Machine
from support.vendor_server import VendorServer

#: As the vendor's script: puts the programs into `bin` below the given folder.
SCRIPT = """#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    --install-root) root=$2; shift ;;
    --version) version=$2; shift ;;
    --no-edit-path) ;;
    *) echo "unexpected $1"; exit 64 ;;
  esac
  shift
done
mkdir -p "$root/bin"
printf '#!/bin/sh\\necho v%s\\n' "$version" > "$root/bin/pulumi"
printf '#!/bin/sh\\n' > "$root/bin/pulumi-language-python"
chmod +x "$root/bin/pulumi" "$root/bin/pulumi-language-python"
"""


@pytest.fixture
def serve(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str | None], VendorServer]]:
    """Serves a text as the vendor's script."""
    servers: list[VendorServer] = []

    def serve(text: str | None) -> VendorServer:
        server = VendorServer(machine.folder, text)
        servers.append(server)
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        return server

    yield serve
    for server in servers:
        server.stop()


def test_what_the_vendor_installs_is_used_with_its_own_language_host(
    machine: Machine, serve: Callable[[str | None], VendorServer]
) -> None:
    server = serve(SCRIPT)
    toolchain = ensure(machine.clone(), machine.report)
    home = machine.cache / "pulumi" / machine.pinned
    connect, get = (request.rpartition(" ")[0] for request in server.requests)
    assert (connect, get) == ("CONNECT get.pulumi.com:443", "GET /install.sh")
    assert toolchain.language_host == "official"
    assert toolchain.pulumi.resolve() == home / "bin" / "pulumi"
    assert not (machine.home / ".pulumi").exists()


def test_it_is_installed_once(machine: Machine, serve: Callable[[str | None], VendorServer]) -> None:
    server = serve(SCRIPT)
    ensure(machine.clone("first"), machine.report)
    seen = len(server.requests)
    ensure(machine.clone("second"), machine.report)
    assert len(server.requests) == seen


def test_a_script_that_fails_shows_its_words_and_leaves_nothing(
    machine: Machine, serve: Callable[[str | None], VendorServer]
) -> None:
    serve("#!/bin/sh\necho 'this system is not supported'\nexit 3\n")
    with pytest.raises(ToolchainError, match="exit code 3: this system is not supported"):
        ensure(machine.clone(), machine.report)
    assert list((machine.cache / "pulumi").iterdir()) == []


def test_a_script_that_installs_another_version_is_refused(
    machine: Machine, serve: Callable[[str | None], VendorServer]
) -> None:
    serve(SCRIPT.replace("version=$2", "version=3.1.0"))
    with pytest.raises(ToolchainError, match=r"3\.1\.0"):
        ensure(machine.clone(), machine.report)


def test_a_silent_server_is_given_up_soon(machine: Machine, serve: Callable[[str | None], VendorServer]) -> None:
    serve(None)
    with pytest.raises(ToolchainError, match="timed out"):
        vendor.install(machine.folder / "x", Version(3, 259, 0), machine.report, connect_seconds=0.3)


def test_a_script_that_hangs_is_stopped_with_its_children(
    machine: Machine, serve: Callable[[str | None], VendorServer]
) -> None:
    serve("#!/bin/sh\nsleep 600\n")
    with pytest.raises(ToolchainError, match="took longer than 3 s"):
        vendor.install(machine.folder / "x", Version(3, 259, 0), machine.report, install_seconds=3)
