"""What lies in etcd: names of objects, and the first bytes of their values. By the JSON gateway of its API (v3)."""

import base64
from collections.abc import Iterator
from typing import Any, Final

import requests

from strongroom.kubernetes.encryption.rotation.prefixes import LONGEST
from strongroom.kubernetes.encryption.rotation.reach import EtcdPlace
from strongroom.kubernetes.encryption.rotation.unanswered import UnansweredError

PAGE: Final = 100
"""Keys a request. Each comes with its value, of which etcd gives no part: with objects of 1 MiB, its limit, a page is
130 MB of text at the most; Secrets have a few KB."""
TIMEOUT: Final = (10, 60)
"""Seconds to connect, and between two pieces of an answer."""
_TEXT: Final = LONGEST // 3 * 4
"""The characters of base64 that hold the first bytes."""


class EtcdError(UnansweredError):
    """No member of etcd could be asked. The text holds nothing of a value."""


class Etcd:
    """A reader. It writes nothing, and of a value it keeps what says by what it was written."""

    def __init__(self, place: EtcdPlace) -> None:
        self.prefix = place.prefix
        self._endpoints = place.endpoints
        self._session = requests.Session()
        self._session.trust_env = False  # neither a proxy nor a .netrc of the caller has a part in this
        self._session.verify, self._session.cert = place.ca_file, (place.certificate_file, place.key_file)

    def close(self) -> None:
        """Ends its connections."""
        self._session.close()

    def heads(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """The name of each object in a folder, relative to it, and how its value begins. Memory holds one page.

        Objects that come while it is read may be in it or not. Raises EtcdError.
        """
        start = f"{self.prefix}/{folder}/".encode()
        end, begin = start[:-1] + b"0", start  # "0" comes right after "/"
        while True:
            answer = self._range({"key": _text(begin), "range_end": _text(end), "limit": str(PAGE)})
            key = begin
            for each in answer.get("kvs") or ():
                key = base64.b64decode(each["key"])
                yield key[len(start) :].decode(), base64.b64decode(each.get("value", "")[:_TEXT])
            if not answer.get("more"):
                return
            begin = key + b"\0"

    def revision(self, folder: str, name: str) -> str | None:
        """When an object was written last; its resource version. None if it is not there. Raises EtcdError."""
        key = _text(f"{self.prefix}/{folder}/{name}".encode())
        found = self._range({"key": key, "keys_only": True}).get("kvs") or []
        return str(found[0]["mod_revision"]) if found else None

    def _range(self, body: dict[str, Any]) -> dict[str, Any]:
        problems = []
        for endpoint in self._endpoints:
            try:
                answer = self._session.post(f"{endpoint.rstrip('/')}/v3/kv/range", json=body, timeout=TIMEOUT)
                if answer.status_code == requests.codes.ok:
                    found: dict[str, Any] = answer.json()
                    return found
                problems.append(f"{endpoint} answers with status {answer.status_code}")
            except (OSError, ValueError) as error:  # requests' own errors are OSErrors too
                problems.append(f"{endpoint} cannot be asked ({type(error).__name__})")
        raise EtcdError(f"etcd: {'; '.join(problems)}; look at `encryption.etcd` and its certificates")


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
