"""The process `python -m strongroom_sandbox.servers.issuer_process HOME PORT`: two documents over TLS."""

import http.server
import ssl
import sys
from pathlib import Path

from strongroom_sandbox.servers.ports import HOST


def main(home: Path, port: int) -> None:
    """Serve the discovery document and the key set that lie in `home`, until terminated."""
    documents = {
        "/.well-known/openid-configuration": (home / "openid-configuration.json").read_bytes(),
        "/jwks.json": (home / "jwks.json").read_bytes(),
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            body = documents.get(self.path)
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "tls.pem", home / "tls.key")
    with http.server.ThreadingHTTPServer((HOST, port), Handler) as server:
        # The handshake is left to the connection's thread: a client that dawdles must not block the others.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
