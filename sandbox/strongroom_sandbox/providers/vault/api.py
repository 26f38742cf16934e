"""A keep-alive HTTP client of OpenBao or HashiCorp Vault, shared by all threads. Loopback only."""

import json
import re
import time
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from strongroom.vault import refusals

from ..frame.errors import StandInError, UnansweredError
from ..frame.loopback import require_loopback

_CONNECTIONS = 32
_TIMEOUT = urllib3.Timeout(connect=5, read=60)
"""Seconds. Creating a database connection or a 4096-bit key is slow, so reading waits long."""
_TRIES = 3
_PAUSE_SECONDS = 1.0
"""As the official provider's client does (module `github.com/hashicorp/vault/api`: `MaxRetries`, `MinRetryWait`): that
the server itself failed (5xx), lags behind (412) or has too much to do (429) is not yet an error."""


_CAPABILITIES = "sys/capabilities-self"


class ServerError(StandInError):
    """The server refused. `status` is the HTTP status, the text holds the server's own words."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Vault:
    """A server at a loopback address, spoken to with one token, within one namespace (empty: the root namespace)."""

    address: str
    token: str
    pool: urllib3.PoolManager
    namespace: str = ""

    @classmethod
    def connect(cls, address: str, token: str, ca_file: str | None) -> "Vault":
        """Return a client; nothing is sent yet.

        Raises:
            StandInError: the address is not on loopback.
        """
        # Standby nodes redirect: never followed, because the token would go wherever the answer says.
        pool = urllib3.PoolManager(
            maxsize=_CONNECTIONS, ca_certs=ca_file, timeout=_TIMEOUT, retries=urllib3.Retry(0, redirect=False)
        )
        return cls(require_loopback(address), token, pool)

    def within(self, namespace: str | None) -> "Vault":
        """Return the same server seen from a namespace."""
        return replace(self, namespace=namespace.strip("/")) if namespace else self

    def read(self, path: str, missing: str = "", query: dict[str, str] | None = None) -> dict[str, Any] | None:
        """Return the data at `path`, or None if there is nothing (also where nothing is mounted).

        `missing` is what the server says (a regular expression) of something missing where it does not answer with 404.
        """
        try:
            response = self._request("GET", path, None, gone=(404,), query=query)
        except ServerError as error:
            if missing and re.search(missing, str(error)):
                return None
            raise
        return None if response is None else response.get("data") or {}

    def write(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any] | None:
        """Create or update `path`; return the data of the answer, None if the server answers without any."""
        response = self._request("POST", path, body or {})
        return None if response is None else response.get("data")

    def delete(self, path: str, missing: str = "") -> None:
        """Delete `path`. That it is gone already, or its whole mount is, is no error; `missing` as in `read`."""
        try:
            self._request("DELETE", path, None, gone=(404,))
        except ServerError as error:
            if not missing or not re.search(missing, str(error)):
                raise

    def _request(
        self,
        method: str,
        path: str,
        body: Any,
        gone: tuple[int, ...] = (),
        query: dict[str, str] | None = None,
    ) -> dict[str, Any] | None:
        headers = {"X-Vault-Token": self.token, "X-Vault-Request": "true"}
        if self.namespace:
            headers["X-Vault-Namespace"] = self.namespace
        url = f"{self.address}/v1/{quote(path.strip('/'))}{'?' if query else ''}{urlencode(query or {})}"
        for left in reversed(range(_TRIES)):
            response = self._send(self._asked(method, path), url, headers, body)
            if not left or not _passing(response.status):
                break
            time.sleep(_PAUSE_SECONDS)
        answer = _parsed(response.data)
        if response.status in gone:
            return None
        if response.status >= 300:
            answered = refusals.Answered(response.status, response.data, response.headers.get("Location", ""))
            raise ServerError(str(refusals.refused(self._asked(method, path), answered, self._given)), response.status)
        return answer

    def _send(self, asked: refusals.Asked, url: str, headers: dict[str, str], body: Any) -> urllib3.BaseHTTPResponse:
        try:
            return self.pool.request(asked.method, url, headers=headers, json=body)
        except urllib3.exceptions.HTTPError as error:
            kind = StandInError if _never_sent(error) else UnansweredError
            ca_file = self.pool.connection_pool_kw.get("ca_certs")
            raise kind(str(refusals.unanswered(asked, error, ca_file))) from error

    def _asked(self, method: str, path: str) -> refusals.Asked:
        return refusals.Asked(self.address, method, path, self.namespace, ())

    def _given(self, path: str) -> list[str] | None:
        """What the token may do at a path; None if it may not even ask."""
        if path == _CAPABILITIES:
            return None
        try:
            return (self.write(_CAPABILITIES, {"paths": [path]}) or {}).get(path)
        except StandInError:
            return None


def _parsed(body: bytes) -> dict[str, Any] | None:
    if not body:
        return None
    try:
        answer = json.loads(body)
    except ValueError:
        return {"errors": [body.decode(errors="replace")[:500]]}
    return answer if isinstance(answer, dict) else {"data": answer}


def _passing(status: int) -> bool:
    return status in (412, 429) or (status >= 500 and status != 501)


def _never_sent(error: Exception) -> bool:
    cause = error.reason if isinstance(error, urllib3.exceptions.MaxRetryError) else error
    never = (
        urllib3.exceptions.NewConnectionError,
        urllib3.exceptions.ConnectTimeoutError,
        urllib3.exceptions.SSLError,
    )
    return isinstance(cause, never)
