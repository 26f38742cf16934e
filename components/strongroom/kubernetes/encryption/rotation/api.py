"""Each API server of a cluster by its own address, with the caller's credentials. Of objects it asks metadata alone."""

import json
import re
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
_DENIED: Final = re.compile(r".*?\bdenied (the )?request", re.DOTALL)
"""Up to where it is the API server that speaks. What comes then is the webhook's or the policy's own text."""


class ApiError(StrongroomError):
    """An API server refused something. The text holds nothing of an object but its name."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status
        """Of HTTP."""


class UnansweredApiError(ApiError, UnansweredError):
    """An API server gave no answer, of which the status is 0, or could give none just now."""


class ExpiredError(ApiError):
    """A list took longer than etcd keeps old states."""

    def __init__(self, text: str, status: int, further: str) -> None:
        super().__init__(text, status)
        self.further = further
        """Where it goes on, by the state that is now; empty: nowhere but at its start."""


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
        """Some objects of a list. Raises ApiError; ExpiredError if `continue` is too old."""
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
            try:
                return json.loads(answer.data)
            except ValueError:
                pass
        # Raised out here, so that no exception is chained that holds an answer.
        raise ApiError(f"{method} {path} on {self.address}: what answers is no API server", answer.status)

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
            if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:  # nor is it followed elsewhere
                raise _error(f"{method} {path} on {self.address}", answer)
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


def _error(asked: str, answer: BaseHTTPResponse) -> ApiError:
    try:
        status: Mapping[str, Any] = json.loads(answer.data)
        text = f"{asked}: {_said(status) or answer.reason or 'it says nothing'} [{answer.status}]"
        if answer.status == HTTPStatus.GONE:
            return ExpiredError(text, answer.status, str((status.get("metadata") or {}).get("continue") or ""))
    except (ValueError, AttributeError):
        text = f"{asked}: {answer.reason or 'it says nothing'} [{answer.status}]"
    return (UnansweredApiError if answer.status in PASSING else ApiError)(text, answer.status)


def _said(status: Mapping[str, Any]) -> str:
    """Why it refused, without what may be a value: a field's content that is not valid any more, or what a webhook or
    a policy says of it."""
    message = str(status.get("message") or "")
    if found := _DENIED.match(message):
        return found[0]
    if status.get("reason") == "Invalid":
        causes = (status.get("details") or {}).get("causes") or ()
        fields = ", ".join(f"{each.get('field') or '?'} ({each.get('reason') or '?'})" for each in causes)
        return f"it is not valid any more: {fields or 'the API server does not say where'}"
    return message
