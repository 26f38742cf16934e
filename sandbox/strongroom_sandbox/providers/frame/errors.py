"""Errors that reach the user through the engine, cleaned of secret values."""

import base64
import json
from collections.abc import Iterable
from urllib.parse import quote

from google.protobuf.struct_pb2 import Struct

REDACTED = "[secret]"


class StandInError(Exception):
    """An error whose text is meant for the user: what, where, which value (never a secret), remedy."""


class UnansweredError(StandInError):
    """A request was sent, and the server ended before it answered: what was asked for may have been done."""


class MadeButUnreadError(StandInError):
    """The server (perhaps) made the resource, and did not tell what it is: the engine must know of it nevertheless."""

    def __init__(self, reason: str, identity: str, properties: Struct) -> None:
        super().__init__(reason)
        self.identity = identity
        self.properties = properties


def redact(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with every secret replaced, also where it is JSON-escaped, URL-quoted or base64."""
    forms: set[str] = set()
    for secret in filter(None, secrets):
        escaped = json.dumps(secret)[1:-1]
        encoded = base64.b64encode(secret.encode()).decode()
        forms |= {secret, escaped, json.dumps(escaped)[1:-1], quote(secret), quote(secret, safe=""), encoded}
    for form in sorted(forms, key=len, reverse=True):  # the longest first: one may contain another
        text = text.replace(form, REDACTED)
    return text
