"""Secret Manager's versions as the published description of its API says, on loopback, with a login of its own.

It is no Google Cloud: who may do what is a set of permissions that each test sets.
"""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from strongroom.gcp.crc32c import crc32c
from strongroom.gcp.project import OVERRIDE
from strongroom_sandbox.providers.gcp.discovery import api
from support.gcp import NUMBER
from support.http import Answer, Request, serving

TOKEN: Final = "token-of-the-operator"
_PATH: Final = re.compile(
    r"/v1/projects/(?P<project>[^/]+)/secrets/(?P<secret>[^/:]+)(?P<versions>/versions)?(/(?P<version>[^/:]+))?(:(?P<verb>\w+))?"
)
PERMISSIONS: Final = frozenset(
    f"secretmanager.versions.{verb}" for verb in ("access", "add", "destroy", "disable", "enable", "get", "list")
)
"""What `gcp.operators` gives: `secretAccessor` and `secretVersionManager`."""


@dataclass
class Version:
    """One version."""

    data: str
    state: str = "ENABLED"
    scheduled: bool = False


@dataclass
class SecretManager:
    """The secrets of one project."""

    secrets: dict[str, list[Version]] = field(default_factory=dict)
    number: str = NUMBER
    permissions: frozenset[str] = PERMISSIONS
    asked: list[Request] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    """What is answered next, instead of what would be."""
    meanwhile: list[str] = field(default_factory=list)
    """What somebody else adds right before the next version is made."""
    page: int = 2
    logins: int = 0

    def values(self, secret: str) -> dict[str, str]:
        """What an application reads as the newest version."""
        read: dict[str, str] = json.loads(base64.b64decode(self.secrets[secret][-1].data))
        return read

    def respond(self, request: Request) -> Answer:
        """Answers one request."""
        if request.path == "/token":
            self.logins += 1
            return Answer({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})
        self.asked.append(request)
        if self.answers:
            return self.answers.pop(0)
        if request.authorization != f"Bearer {TOKEN}":
            return refusal(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        url = urlsplit(request.path)
        match = _PATH.fullmatch(url.path)
        if match is None or match["project"] != self.number:
            return refusal(403, "PERMISSION_DENIED", "Permission denied on resource project.")
        method, query = _method(match), parse_qs(url.query, keep_blank_values=True)
        return self._refused(method, request.body, query) or self._on(
            match["secret"], method, match["version"], request.body, query
        )

    def _refused(self, method: str, body: Any, query: dict[str, list[str]]) -> Answer | None:
        """What the description of the API does not allow, or what the caller may not do."""
        described = api("secretmanager.v1")
        unknown = query.keys() - described.parameters_of(f"projects.secrets.{method}")
        wanted = described.request_of(f"projects.secrets.{method}")
        flaws = described.flaws(wanted, body) if wanted else ["a body"] if body is not None else []
        if unknown or flaws:
            return refusal(400, "INVALID_ARGUMENT", f"{sorted(unknown)} {flaws}")
        permission = f"secretmanager.versions.{'add' if method == 'addVersion' else method.rpartition('.')[2]}"
        if permission not in self.permissions:
            return refusal(403, "PERMISSION_DENIED", f"Permission '{permission}' denied on resource.")
        return None

    def _on(self, secret: str, method: str, version: str | None, body: Any, query: dict[str, list[str]]) -> Answer:
        if secret not in self.secrets:
            return refusal(404, "NOT_FOUND", f"Secret [projects/{self.number}/secrets/{secret}] not found.")
        versions = self.secrets[secret]
        if method == "addVersion":
            return self._add(secret, body["payload"])
        if method == "versions.list":
            start = int(query.get("pageToken", ["0"])[0] or 0)
            size = min(self.page, int(query.get("pageSize", ["250"])[0]))
            newest_first = [self._about(secret, number) for number in range(len(versions), 0, -1)]
            more = {"nextPageToken": str(start + size)} if start + size < len(versions) else {}
            page = newest_first[start : start + size]
            return Answer({**({"versions": page} if page else {}), "totalSize": len(versions), **more})
        number = len(versions) if version == "latest" else int(version or 0)
        if not 0 < number <= len(versions):
            return refusal(404, "NOT_FOUND", f"Secret Version [{version}] not found.")
        return self._on_version(secret, number, method)

    def _on_version(self, secret: str, number: int, method: str) -> Answer:
        found = self.secrets[secret][number - 1]
        if method == "versions.access":
            if found.state != "ENABLED":
                return refusal(400, "FAILED_PRECONDITION", f"Secret Version is in {found.state} state.")
            payload = {"data": found.data, "dataCrc32c": str(crc32c(base64.b64decode(found.data)))}
            return Answer({"name": self._name(secret, number), "payload": payload})
        if method == "versions.disable":
            found.state = "DISABLED"
        elif method == "versions.destroy":
            found.state, found.data = "DESTROYED", ""
        return Answer(self._about(secret, number))

    def _add(self, secret: str, payload: dict[str, str]) -> Answer:
        data = base64.b64decode(payload["data"])
        if len(data) > 65536 or int(payload["dataCrc32c"]) != crc32c(data):
            return refusal(400, "INVALID_ARGUMENT", "The payload is too large or damaged.")
        for text in self.meanwhile:
            self.secrets[secret].append(Version(base64.b64encode(text.encode()).decode()))
        self.meanwhile.clear()
        self.secrets[secret].append(Version(payload["data"]))
        return Answer(self._about(secret, len(self.secrets[secret])))

    def _about(self, secret: str, number: int) -> dict[str, Any]:
        version = self.secrets[secret][number - 1]
        scheduled = {"scheduledDestroyTime": "2027-01-01T00:00:00Z"} if version.scheduled else {}
        created = f"2026-11-0{number}T10:11:12.123456789Z"
        return {"name": self._name(secret, number), "state": version.state, "createTime": created, **scheduled}

    def _name(self, secret: str, number: int) -> str:
        return f"projects/{self.number}/secrets/{secret}/versions/{number}"


def refusal(status: int, code: str, message: str, reason: str = "") -> Answer:
    """An error in Google's form: Google Cloud APIs, "Errors"."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    return Answer({"error": {"code": status, "message": message, "status": code, "details": details}}, status)


@contextmanager
def running(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretManager]:
    """Secret Manager, and this process an operator's with a key of a service account for it."""
    manager = SecretManager()
    with serving(manager.respond) as address:
        login = folder / "login.json"
        login.touch(0o600)
        login.write_text(
            json.dumps(
                {
                    "type": "service_account",
                    "client_email": "operator@acme-prod.iam.gserviceaccount.com",
                    "private_key": _private_key(),
                    "token_uri": f"{address}/token",
                }
            )
        )
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(login))
        monkeypatch.setenv(OVERRIDE, f"{address}/")
        yield manager


@cache
def _private_key() -> str:
    """A key that is known nowhere; making one takes its time."""
    key = rsa.generate_private_key(65537, 2048)
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, form, serialization.NoEncryption()).decode()


def _method(match: re.Match[str]) -> str:
    if match["verb"] == "addVersion":
        return "addVersion"
    return f"versions.{match['verb'] or ('get' if match['version'] else 'list')}"
