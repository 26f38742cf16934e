"""Official provider plugin or stand-in: decided with the real CLI, against a download server of ours."""

from __future__ import annotations

import io
import json
import platform
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from strongroom_sandbox.engine import Engine
from strongroom_sandbox.toolchain import ProviderSource, Toolchain, plugins, provider_plugin
from support.machine import Machine
from support.pulumi_project import write_project

pytestmark = pytest.mark.engine

VERSION = "7.11.0"
BINARY = "pulumi-resource-vault"


class PluginServer:
    """Serves the vault plugin's archive, or nothing at all."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.silent = threading.Event()
        self.stopping = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(self.path)
                if outer.silent.is_set():
                    outer.stopping.wait(60)
                    return
                archive = _archive()
                self.send_response(200)
                self.send_header("Content-Length", str(len(archive)))
                self.end_headers()
                self.wfile.write(archive)

            def log_message(self, *_arguments: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


def _archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        content = b"#!/bin/sh\nexit 0\n"
        member = tarfile.TarInfo(BINARY)
        member.size, member.mode = len(content), 0o755
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def server(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[PluginServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = PluginServer()
    yield server
    server.stop()


def decide(toolchain: Toolchain, machine: Machine, **more: object) -> ProviderSource:
    return provider_plugin(toolchain, "vault", VERSION, report=machine.report, **more)  # type: ignore[arg-type]


def test_the_official_plugin_is_downloaded_into_the_cache_once(
    toolchain: Toolchain, machine: Machine, server: PluginServer
) -> None:
    source = decide(toolchain, machine, server=server.url)
    assert source.kind == "official", source
    assert source.reason == f"downloaded to {machine.cache}/pulumi-home/plugins/resource-vault-v{VERSION}"
    assert decide(toolchain, machine, server=server.url).reason.startswith("installed in")
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    assert server.requests == [f"/{BINARY}-v{VERSION}-linux-{architecture}.tar.gz"]
    assert not (machine.home / ".pulumi").exists()


def test_an_engine_finds_the_plugin_in_the_cache(toolchain: Toolchain, machine: Machine, server: PluginServer) -> None:
    decide(toolchain, machine, server=server.url)
    work = machine.folder / "work"
    work.mkdir()
    engine = Engine(toolchain, write_project(machine.folder / "project", ""), "dev", work)
    engine.configure({})
    listed = subprocess.run(
        [str(toolchain.pulumi), "plugin", "ls", "--json"],
        cwd=engine.project,
        env=engine.environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    assert [(plugin["name"], plugin["version"]) for plugin in json.loads(listed.stdout)] == [("vault", VERSION)]


def test_a_plugin_that_cannot_be_downloaded_has_a_stand_in_and_the_reason(
    toolchain: Toolchain, machine: Machine
) -> None:
    source = decide(toolchain, machine)
    assert source.kind == "stand-in"
    assert "failed to download plugin: vault-7.11.0" in source.reason
    assert "\n" not in str(source)


def test_a_silent_download_server_is_given_up(toolchain: Toolchain, machine: Machine, server: PluginServer) -> None:
    server.silent.set()
    source = decide(toolchain, machine, server=server.url, download_seconds=2)
    assert source.kind == "stand-in"
    assert "took longer than 2 s" in source.reason


def test_a_plugin_on_path_is_taken_without_asking_anybody(toolchain: Toolchain, machine: Machine) -> None:
    found = machine.program(machine.path / BINARY, "exit 0")
    assert decide(toolchain, machine) == ProviderSource("vault", VERSION, "official", f"{found}, from PATH")


def test_a_plugin_that_the_user_has_installed_is_shared(toolchain: Toolchain, machine: Machine) -> None:
    users = machine.home / ".pulumi" / "plugins" / f"resource-vault-v{VERSION}"
    machine.program(users / BINARY, "exit 0")
    source = decide(toolchain, machine)
    assert (source.kind, source.reason) == ("official", f"installed in {users}")
    assert (plugins.folder() / f"resource-vault-v{VERSION}" / BINARY).samefile(users / BINARY)


def test_a_half_installed_plugin_is_not_taken(toolchain: Toolchain, machine: Machine) -> None:
    folder = machine.home / ".pulumi" / "plugins"
    machine.program(folder / f"resource-vault-v{VERSION}" / BINARY, "exit 0")
    (folder / f"resource-vault-v{VERSION}.partial").touch()
    assert decide(toolchain, machine).kind == "stand-in"


def test_another_version_of_the_plugin_is_not_taken(toolchain: Toolchain, machine: Machine) -> None:
    machine.program(machine.home / ".pulumi" / "plugins" / "resource-vault-v7.10.0" / BINARY, "exit 0")
    assert decide(toolchain, machine).kind == "stand-in"
