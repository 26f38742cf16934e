"""Stands in for the vendor's download server, without the code under test knowing.

The installer's address is fixed in Pulumi's SDK, so this is a proxy: it answers CONNECT by speaking TLS itself, with
a certificate of its own authority. Point HTTPS_PROXY and SSL_CERT_FILE at it.
"""

from __future__ import annotations

import datetime
import socketserver
import ssl
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class VendorServer:
    """Serves one text under every path, or stays silent if there is none."""

    def __init__(self, folder: Path, text: str | None) -> None:
        self.requests: list[str] = []
        self._certificate = folder / "certificate.pem"
        self._text = text
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer.requests.append(self.rfile.readline().decode().strip())
                while self.rfile.readline().strip():
                    pass
                if outer._text is None:
                    self.rfile.read()  # until the client gives up
                    return
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(outer._certificate)
                with context.wrap_socket(self.request, server_side=True) as stream:
                    outer.requests.append(stream.recv(65536).decode().splitlines()[0])
                    body = outer._text.encode()
                    stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

        self._write_certificate("get.pulumi.com")
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def environment(self) -> dict[str, str]:
        """What a process needs to reach this server instead of the vendor's."""
        proxy = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {
            "HTTPS_PROXY": proxy,
            "https_proxy": proxy,
            "NO_PROXY": "",
            "no_proxy": "",
            "SSL_CERT_FILE": str(self._certificate),
        }

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def _write_certificate(self, host: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self._certificate.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
