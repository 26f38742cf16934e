"""Values in Vault's or OpenBao's KV version 2, with the operator's own token.

What an operator's policy needs, below the mount: `create`, `update`, `patch`, `delete` on `data/`, `read` on `subkeys/`
and `metadata/`, and `delete` on `metadata/` to destroy. It needs no `read` on `data/`: no value ever travels back.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from strongroom.values.store import NOTHING, Stored, ValuesError, changed_meanwhile
from strongroom.vault.connection import Connection, NotMountedError, ServerError
from strongroom.vault.kv.plan import KvSecret


class VaultKvValues:
    """The KV version 2 store. Looking never reads a value: versions and field names have paths of their own."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    def stored(self, secret: KvSecret) -> Stored:
        metadata = self._request("GET", secret, "metadata")
        if metadata is None:
            return NOTHING
        version = int(metadata["data"]["current_version"])
        subkeys = self._request("GET", secret, "subkeys") if version else None
        if subkeys is None:  # deleted or destroyed
            return Stored(version, frozenset(), None)
        found = subkeys["data"]
        return Stored(
            int(found["metadata"]["version"]),
            frozenset(found["subkeys"] or ()),
            _time(found["metadata"]["created_time"]),
        )

    def write(self, secret: KvSecret, values: Mapping[str, str], seen: Stored) -> int:
        # PATCH merges on the server, so the other fields never travel here.
        method = "PATCH" if seen.fields else "POST"
        return self._new_version(method, secret, dict(values), seen)

    def remove_field(self, secret: KvSecret, field: str, seen: Stored) -> int:
        return self._new_version("PATCH", secret, {field: None}, seen)

    def read(self, secret: KvSecret) -> tuple[Stored, dict[str, Any]]:
        """What is there, with the values, for keys that a program needs. Takes `read` on `data/`, and on `metadata/` to
        tell what was deleted from what never was."""
        found = self._request("GET", secret, "data")
        if found is None:
            metadata = self._request("GET", secret, "metadata")
            return Stored(int(metadata["data"]["current_version"]) if metadata else 0, frozenset(), None), {}
        about, fields = found["data"]["metadata"], found["data"]["data"]
        return Stored(int(about["version"]), frozenset(fields), _time(about["created_time"])), fields

    def replace(self, secret: KvSecret, values: Mapping[str, str], seen: Stored) -> int:
        """Writes exactly these fields. Fails if `seen` is not the newest."""
        return self._new_version("POST", secret, dict(values), seen)

    def delete(self, secret: KvSecret) -> None:
        self._request("DELETE", secret, "data")

    def destroy(self, secret: KvSecret) -> None:
        self._request("DELETE", secret, "metadata")

    def _new_version(self, method: str, secret: KvSecret, data: Mapping[str, str | None], seen: Stored) -> int:
        body = {"options": {"cas": seen.version}, "data": data}
        answer = self._request(method, secret, "data", body)
        if answer is None:  # what was to be patched is gone
            raise changed_meanwhile(secret)
        return int(answer["data"]["version"])

    def _request(self, method: str, secret: KvSecret, part: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer, or None where there is nothing at the path."""
        content_type = "application/merge-patch+json" if method == "PATCH" else "application/json"
        hide = [value for value in (body or {}).get("data", {}).values() if value]
        path = f"{secret.mount}/{part}/{secret.path}"
        try:
            return self._server.request(method, path, body, content_type=content_type, hide=hide)
        except NotMountedError:
            raised = ValuesError(
                f"there is no KV version 2 engine {secret.mount} on {self._server.address}; "
                "deploy the stack's platform slice first"
            )
        except ServerError as error:
            if "check-and-set" not in error.said:
                raise
            raised = changed_meanwhile(secret)
        # Raised out here, so that no exception is chained whose frames hold the request's body.
        raise raised


def _time(text: str) -> datetime:
    # The server gives nanoseconds; Python reads microseconds.
    seconds, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{seconds}.{fraction[:6] or '0'}+00:00")
