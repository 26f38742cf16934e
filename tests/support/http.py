"""A small HTTP server on loopback that stands in for an API, and remembers what it was asked."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from strongroom_sandbox.certificates import CertificateFiles


@dataclass(frozen=True)
class Request:
    """What one client asked."""

    method: str
    path: str
    authorization: str
    body: Any


@dataclass(frozen=True)
class Answer:
    """What it is told. `body` is sent as JSON."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def _decoded(sent: bytes, content_type: str) -> Any:
    """What was sent, a form or JSON."""
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(sent.decode()))
    return json.loads(sent)


Respond = Callable[[Request], Answer]


@contextmanager
def serving(respond: Respond, tls: CertificateFiles | None = None) -> Iterator[str]:
    """Answers with `respond` for as long as the block lasts; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = _decoded(sent, self.headers.get("Content-Type", "")) if sent else None
            request = Request(self.command, self.path, self.headers.get("Authorization", ""), body)
            answer = respond(request)
            answered = json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in (answer.headers | {"Content-Length": str(len(answered))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answered)

        do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815  the names that http.server looks for

        def log_message(self, *_args: object) -> None:
            """Nothing: a test's output is its own."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.certificate, tls.key)
        # The handshake is left to the connection's thread: a client that dawdles must not block the others.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
