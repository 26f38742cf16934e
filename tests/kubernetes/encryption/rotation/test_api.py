"""What an API server's answers come to: what passes, what does not, and no value in any text."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from kubernetes.client import ApiClient, Configuration

from strongroom.kubernetes.encryption.ring import ring_of
from strongroom.kubernetes.encryption.rotation.api import Api, ApiError, UnansweredApiError
from strongroom.kubernetes.encryption.rotation.metrics import Told
from strongroom.kubernetes.encryption.rotation.resources import Resource
from strongroom.kubernetes.encryption.rotation.unanswered import UnansweredError
from strongroom.kubernetes.encryption.rotation.values import MetricValues
from support import canary

CANARY = "canary-of-a-field-that-is-not-valid"
SECRETS = Resource(group="", version="v1", plural="secrets", namespaced=True)
Answer = tuple[int, Any]


@contextmanager
def serving(answer: Callable[[str], Answer]) -> Iterator[Api]:
    """An API server that answers so, by the path and query that it is asked for."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, found = answer(self.path)
            data = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            if status == 307:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PATCH = _answer  # noqa: N815  as the class wants them

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_port}"
            configuration = Configuration(host=address)
            with ApiClient(configuration) as client:
                yield Api(client, address)
        finally:
            server.shutdown()
            thread.join()


def refusal(reason: str, message: str, *fields: str) -> dict[str, Any]:
    causes = [{"field": field, "reason": "FieldValueInvalid", "message": message} for field in fields]
    return {"kind": "Status", "reason": reason, "message": message, "details": {"causes": causes}}


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (
            422,
            refusal("Invalid", f'Widget "a" is invalid: spec.token: Invalid value: "{CANARY}"', "spec.token"),
            r"it is not valid any more: spec\.token \(FieldValueInvalid\) \[422\]$",
        ),
        (422, refusal("Invalid", CANARY), r"the API server does not say where \[422\]$"),
        (
            400,
            refusal("BadRequest", f'admission webhook "w.acme.io" denied the request: {CANARY}'),
            r'admission webhook "w.acme.io" denied the request \[400\]$',
        ),
        (
            422,
            refusal("Invalid", f"secrets \"a\" is forbidden: ValidatingAdmissionPolicy 'p' denied request: {CANARY}"),
            r"secrets \"a\" is forbidden: ValidatingAdmissionPolicy 'p' denied request \[422\]$",
        ),
        (
            403,
            refusal("Forbidden", 'secrets "a" is forbidden: User "u" cannot patch'),
            r'User "u" cannot patch \[403\]$',
        ),
        (404, b"no page here", r"Not Found \[404\]$"),
        (400, b'["a list"]', r"Bad Request \[400\]$"),
        (307, b"", r"Temporary Redirect \[307\]$"),
        (200, CANARY.encode(), r"what answers is no API server$"),
    ],
)
def test_what_is_refused_is_said_without_what_is_in_the_object(status: int, body: object, text: str) -> None:
    with serving(lambda _: (status, body)) as api, pytest.raises(ApiError, match=text) as caught:
        api.touched("/api/v1/namespaces/shop/secrets/a")
    assert not isinstance(caught.value, UnansweredError)
    assert not canary.is_in(CANARY, str(caught.value))
    assert caught.value.__context__ is None  # that of a text that is no JSON holds the text


@pytest.mark.parametrize("status", [409, 429, 500, 502, 503, 504])
def test_what_passes_is_told_from_what_does_not(status: int) -> None:
    with serving(lambda _: (status, refusal("Other", "not now"))) as api, pytest.raises(UnansweredApiError) as caught:
        api.touched("/api/v1/namespaces/shop/secrets/a")
    assert caught.value.status == status


@pytest.mark.parametrize("inconsistent", ["by-what-is-now", ""], ids=["goes on", "from the start"])
def test_a_list_that_takes_too_long_goes_on_where_it_was(inconsistent: str) -> None:
    """Else one that always takes too long would never end."""
    asked = []

    def answer(path: str) -> Answer:
        further = path.partition("continue=")[2]
        asked.append(further)
        if further == "second-page" and asked.count(further) == 1:
            return 410, refusal("Expired", "too old") | {"metadata": {"continue": inconsistent}}
        page = "" if further else "second-page"
        return 200, {
            "metadata": {"continue": page},
            "items": [{"metadata": {"namespace": "shop", "name": f"of-{further}"}}],
        }

    with serving(answer) as api:
        list(MetricValues(api, [SECRETS]).others(ring_of("identity").writes))
    assert asked == ["", "second-page", *(["by-what-is-now"] if inconsistent else ["", "second-page"])]


class Restarted(Api):
    """Counts from the start again while it is asked."""

    def __init__(self) -> None:
        self.address, self._started = "https://one.example", 1.0

    def told(self) -> tuple[Told, float]:
        self._started += 1
        told = Told(identity="", loaded="", since_seconds=0, started_seconds=self._started, failures=0, read={})
        return told, 0.0


def test_a_server_that_is_restarted_while_it_is_asked_is_asked_again() -> None:
    with pytest.raises(UnansweredError, match="was restarted or reloaded while it was asked"):
        MetricValues(Restarted(), []).count(ring_of("identity"))
