"""A server that follows Key Vault's published description, as far as secrets go, for the vendor's own client.

It is no Azure. What it does is written from the "Azure Key Vault REST API reference" (Secrets: Set, Get, Delete, Get
Deleted, Purge, Recover) and "Authentication, requests and responses" (the challenge that names tenant and resource).
Entra ID is there as far as a client secret is exchanged for a token. The clients' addresses are fixed, so this is a
proxy (HTTPS_PROXY) that speaks TLS itself, with certificates of authorities of its own (REQUESTS_CA_BUNDLE).
"""

from __future__ import annotations

import json
import secrets
import socketserver
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from cryptography import x509

from support.azure import TENANT
from support.server_certificates import issue

LOGIN: Final = "login.microsoftonline.com"
SUFFIX: Final = "vault.azure.net"
RESOURCE: Final = f"https://{SUFFIX}"
CLIENT_SECRET: Final = "canary-of-a-client-secret"
TOKEN: Final = "canary-of-a-token"
Answer = tuple[int, dict[str, Any], dict[str, str]]


def refusal(status: int, code: str, inner: str = "", message: str = "No.", **headers: str) -> Answer:
    """An error as Key Vault words it."""
    error: dict[str, Any] = {"code": code, "message": message}
    if inner:
        error["innererror"] = {"code": inner}
    return status, {"error": error}, headers


class KeyVault:
    """Vaults of one tenant, by their host names; each has the secrets that were put into it."""

    def __init__(self, folder: Path, tenant: str = TENANT, purgeable: bool = True) -> None:
        self.tenant = tenant
        self.resource = RESOURCE
        """For what it says that a token has to be."""
        self.purgeable = purgeable
        self.secrets: dict[str, list[dict[str, Any]]] = {}
        """Versions by name, the oldest first."""
        self.deleted: dict[str, list[dict[str, Any]]] = {}
        self.refuse: dict[str, list[Answer]] = {}
        """What the next requests of a method are answered with, whatever they ask."""
        self.requests: list[tuple[str, str, str]] = []
        """Host, method and path of each request."""
        self._contexts = {host: _context(folder / name, host) for name, host in (("l", LOGIN), ("v", f"*.{SUFFIX}"))}
        self.bundle = folder / "authorities.pem"
        self.bundle.write_bytes(b"".join((folder / name / "ca.pem").read_bytes() for name in ("l", "v")))
        outer = self

        class Tunnel(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                host = self.rfile.readline().decode().split()[1].partition(":")[0]
                while self.rfile.readline().strip():
                    pass
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                context = outer._contexts[LOGIN if host == LOGIN else f"*.{SUFFIX}"]
                try:
                    with context.wrap_socket(self.request, server_side=True) as stream:
                        _handler(outer, host)(stream, self.client_address, self.server)
                except OSError:
                    pass  # the client is gone

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def variables(self, tenant: str = TENANT) -> dict[str, str]:
        """The environment of an operator of a tenant, whose way to Azure ends here."""
        proxy = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {
            "HTTPS_PROXY": proxy,
            "https_proxy": proxy,
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "REQUESTS_CA_BUNDLE": str(self.bundle),
            "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",
            "AZURE_TENANT_ID": tenant,
            "AZURE_CLIENT_ID": "5c0b6f6e-0000-4000-8000-3f2f5a1b2c3d",
            "AZURE_CLIENT_SECRET": CLIENT_SECRET,
        }

    def lead(self, monkeypatch: pytest.MonkeyPatch, tenant: str = TENANT) -> None:
        """Makes this process such an operator's."""
        for name, value in self.variables(tenant).items():
            monkeypatch.setenv(name, value)

    def value(self, name: str) -> Any:
        """What an application reads."""
        return json.loads(self.secrets[name][-1]["value"])

    def answer(self, host: str, method: str, path: str, body: bytes, token: str) -> Answer:  # noqa: PLR0911  one a case
        """What is answered to one request."""
        self.requests.append((host, method, path))
        if host == LOGIN:
            return self._login(path)
        if token != f"Bearer {TOKEN}":
            challenge = f'Bearer authorization="https://{LOGIN}/{self.tenant}", resource="{self.resource}"'
            return refusal(401, "Unauthorized", **{"WWW-Authenticate": challenge})
        if self.refuse.get(method):
            return self.refuse[method].pop(0)
        _, kind, name, *_ = path.split("/")
        match method, kind:
            case "PUT", "secrets":
                return self._set(host, name, json.loads(body))
            case "GET", "secrets" if name in self.secrets:
                return 200, self.secrets[name][-1], {}
            case "DELETE", "secrets" if name in self.secrets:
                self.deleted[name] = self.secrets.pop(name)
                recovery = {"recoveryId": f"https://{host}/deletedsecrets/{name}"}
                return 200, self.deleted[name][-1] | recovery, {}
            case "GET", "deletedsecrets" if name in self.deleted:
                return 200, self.deleted[name][-1], {}
            case "DELETE", "deletedsecrets" if name in self.deleted:
                del self.deleted[name]
                return 204, {}, {}
        return refusal(404, "SecretNotFound", message=f"A secret with (name/id) {name} was not found in this key vault")

    def _login(self, path: str) -> Answer:
        base = f"https://{LOGIN}/{path.split('/')[1]}"
        if path.endswith("/openid-configuration"):
            endpoints = {"authorization_endpoint": f"{base}/oauth2/v2.0/authorize", "issuer": f"{base}/v2.0"}
            return 200, {"token_endpoint": f"{base}/oauth2/v2.0/token", **endpoints}, {}
        return 200, {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}, {}

    def _set(self, host: str, name: str, given: dict[str, Any]) -> Answer:
        if name in self.deleted:
            message = f"Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused"
            return refusal(409, "Conflict", "ObjectIsDeletedButRecoverable", message)
        now = int(time.time())
        level = "Recoverable+Purgeable" if self.purgeable else "Recoverable"
        attributes = {"enabled": True, "created": now, "updated": now, "recoveryLevel": level}
        version = {
            **given,
            "id": f"https://{host}/secrets/{name}/{secrets.token_hex(16)}",
            "attributes": attributes | given.get("attributes", {}),
        }
        self.secrets.setdefault(name, []).append(version)
        return 200, version, {}


def _context(folder: Path, host: str) -> ssl.SSLContext:
    certificate, key, _ = issue(folder, x509.DNSName(host))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _handler(vault: KeyVault, host: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = urlsplit(self.path).path
            status, told, headers = vault.answer(host, self.command, path, body, self.headers.get("Authorization", ""))
            data = json.dumps(told).encode() if status != 204 else b""
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(data)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815  their own names

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is printed."""

    return Handler
