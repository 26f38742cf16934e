"""A server that points on to another address: neither token nor value follows."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom.values.vault_kv import VaultKvValues
from strongroom.vault.connection import Server, ServerError, connect
from strongroom.vault.kv.plan import KvSecret
from strongroom_sandbox.certificates import Authority

SECRET = KvSecret(
    slice="payments",
    team="payments",
    name="stripe",
    store="kv",
    mount="kv-prod",
    path="payments/stripe",
    fields=("api_key",),
    rotate_every_seconds=None,
    description="",
)


class Listener(http.server.BaseHTTPRequestHandler):
    """Records the paths it is asked for; points on to `to` if that is set."""

    to = ""
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(307 if self.to else 404)
        if self.to:
            self.send_header("Location", f"{self.to}{self.path}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def addresses(tmp_path: Path) -> Iterator[tuple[str, Path, list[str]]]:
    """The address of a TLS server that points on to a plain one, its authority, and what the plain one was asked."""
    authority = Authority(tmp_path / "ca")
    authority.prepare()
    (tmp_path / "server").mkdir()
    files = authority.issue(tmp_path / "server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    asked: list[str] = []
    plain = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Plain", (Listener,), {"asked": asked}))
    to = f"http://127.0.0.1:{plain.server_port}"
    secure = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Secure", (Listener,), {"to": to, "asked": []}))
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    for server in (plain, secure):
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{secure.server_port}", authority.certificate, asked
    finally:
        for server in (plain, secure):
            server.shutdown()
            server.server_close()


def test_nothing_follows_to_where_a_server_points(
    addresses: tuple[str, Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, authority, asked = addresses
    for variable in ("VAULT_ADDR", "VAULT_CACERT", "VAULT_NAMESPACE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("VAULT_TOKEN", "a-token-that-must-not-travel")
    server = connect(Server(address, ca_file=str(authority)))
    try:
        with pytest.raises(ServerError, match="which is not encrypted; no token was sent there"):
            VaultKvValues(server).stored(SECRET)
    finally:
        server.client.session.close()
    assert asked == []
