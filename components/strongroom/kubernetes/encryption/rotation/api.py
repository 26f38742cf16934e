"""Each API server of a cluster by its own address, with the caller's credentials. Of objects it asks metadata alone."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

from kubernetes.client import ApiClient
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from strongroom.errors import StrongroomError
from strongroom.kubernetes.encryption.rotation.metrics import Told, told
from strongroom.kubernetes.encryption.rotation.unanswered import UnansweredError

_LISTS: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_OBJECT: Final = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_IDENTITIES: Final = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
_LABEL: Final = "apiserver.kubernetes.io/identity=kube-apiserver"
TIMEOUT_SECONDS: Final = 30.0
PASSING: Final = frozenset({409, 429, 500, 502, 503, 504})
"""Somebody else's change at the same moment, too many requests, and a server that cannot just now: HTTP statuses."""


class ApiError(StrongroomError):
    """An API server refused something. The text holds nothing of an object but its name."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status
        """Of HTTP."""


class UnansweredApiError(ApiError, UnansweredError):
    """An API server gave no answer, of which the status is 0, or could give none just now."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some objects of a list."""

    items: tuple[Mapping[str, Any], ...]
    """The metadata of each."""
    next: str
    """Where the list goes on; empty at its end."""


class Api:
    """One API server."""

    def __init__(self, client: ApiClient, address: str) -> None:
        self.address = address
        self._client = client

    def told(self) -> tuple[Told, float]:
        """What it says of itself, and what time it has, in seconds since 1970. Raises ApiError."""
        with self._answer("GET", "/metrics", accept="text/plain", stream=True) as answer:
            lines = (line.decode(errors="replace") for line in _lines(answer))
            return told(lines), parsedate_to_datetime(answer.headers["date"]).timestamp()

    def identities(self) -> tuple[str, ...]:
        """The names of all API servers of the cluster, by the leases that they hold. Raises ApiError."""
        return tuple(str(item["name"]) for item in self.page(_IDENTITIES, labelSelector=_LABEL).items)

    def page(self, path: str, **query: str) -> Page:
        """Some objects of a list. Raises ApiError, of status 410 if `continue` is too old."""
        found = self._json("GET", path, _LISTS, query)
        return Page(
            tuple(item["metadata"] for item in found.get("items") or ()), str(found["metadata"].get("continue") or "")
        )

    def metadata(self, path: str) -> Mapping[str, Any]:
        """That of one object, as etcd has it now. Raises ApiError, of status 404 if there is none."""
        found: Mapping[str, Any] = self._json("GET", path, _OBJECT)["metadata"]
        return found

    def touched(self, path: str) -> str:
        """Has an object written as it is, if it is not under the first entry of the ring; returns its resource version.

        A patch that says nothing: the API server reads the object, sees that its value is not of the first entry, and
        writes it anew; one that is, it leaves alone. What is in the object does not travel. Raises ApiError.
        """
        return str(
            self._json("PATCH", path, _OBJECT, body=b"{}", content_type="application/merge-patch+json")["metadata"][
                "resourceVersion"
            ]
        )

    def described(self, path: str) -> Mapping[str, Any]:
        """What it says of its API (discovery). Raises ApiError."""
        found: Mapping[str, Any] = self._json("GET", path, "application/json")
        return found

    def _json(
        self,
        method: str,
        path: str,
        accept: str,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = "",
    ) -> Any:
        with self._answer(method, path, accept=accept, query=query, body=body, content_type=content_type) as answer:
            return json.loads(answer.data)

    @contextmanager
    def _answer(
        self,
        method: str,
        path: str,
        *,
        accept: str,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = "",
        stream: bool = False,
    ) -> Iterator[BaseHTTPResponse]:
        # The library's own calls know neither metadata alone nor one of several addresses of a cluster.
        headers = {"Accept": accept, **({"Content-Type": content_type} if content_type else {})}
        _, url, headers, *_ = self._client.param_serialize(
            method, path, header_params=headers, query_params=dict(query or {}), auth_settings=["BearerToken"]
        )
        url = self.address.rstrip("/") + url.removeprefix(self._client.configuration.host)
        problem, answer = "", None
        try:
            answer = self._client.rest_client.pool_manager.request(
                method,
                url,
                headers=headers,
                body=body,
                timeout=TIMEOUT_SECONDS,
                retries=False,
                preload_content=not stream,
            )
            if answer.status >= HTTPStatus.BAD_REQUEST:
                error = UnansweredApiError if answer.status in PASSING else ApiError
                raise error(f"{method} {path} on {self.address}: {_said(answer)}", answer.status)
            yield answer
        except (HTTPError, OSError) as error:
            problem = f"{self.address} cannot be reached ({type(error).__name__})"
        finally:
            if answer is not None:
                answer.release_conn()
        if problem:
            raise UnansweredApiError(problem, 0)


def _lines(answer: BaseHTTPResponse) -> Iterator[bytes]:
    rest = b""
    for block in answer.stream(1 << 16):
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    yield rest


def _said(answer: BaseHTTPResponse) -> str:
    try:
        message = json.loads(answer.data).get("message")
    except (ValueError, AttributeError):
        message = None
    return f"{message or answer.reason or 'it says nothing'} [{answer.status}]"
