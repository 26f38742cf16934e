"""Values in GCP Secret Manager, with the operator's own credentials.

A secret is one JSON object, and Google can neither tell its fields nor change one alone: looking and writing read the
newest version into this process, and nowhere else. Nor is there a condition on writing: the newest version is looked at
again right before, and a write in between shows in the number of the one that was made. What an operator needs, on the
secret, is what `gcp.operators` gives: `roles/secretmanager.secretAccessor` and `.secretVersionManager`.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

from strongroom.gcp.crc32c import crc32c
from strongroom.gcp.place import GcpPlace
from strongroom.gcp.project import GcpProject
from strongroom.gcp.refusals import GcpError
from strongroom.gcp.secret_manager.plan import GcpSecret
from strongroom.values.one_object import OneObjectValues, as_text, fields_of, texts_in
from strongroom.values.store import NOTHING, Stored, ValuesError

SIZE_MAX: Final = 64 * 1024
"""Bytes of a version: Secret Manager, "SecretPayload"."""


class GcpSecretManagerValues(OneObjectValues[GcpSecret]):
    """The values of Secret Manager."""

    def __init__(self) -> None:
        self._project: Callable[[GcpPlace], GcpProject] = cache(GcpProject)

    def delete(self, secret: GcpSecret) -> None:
        """Disables the newest version: it can be enabled again."""
        newest = self._latest(secret)
        if newest and newest["state"] == "ENABLED":
            self._ask(secret, "POST", f"/versions/{_number(newest)}:disable", {})

    def destroy(self, secret: GcpSecret) -> None:
        """Destroys all versions, at once or after the store's `version_destroy_ttl`. The secret itself stays."""
        for version in list(self._versions(secret)):
            if version["state"] != "DESTROYED" and "scheduledDestroyTime" not in version:
                self._ask(secret, "POST", f"/versions/{_number(version)}:destroy", {})

    def _newest(self, secret: GcpSecret) -> tuple[Stored, dict[str, Any]]:
        version = self._latest(secret)
        if version is None:
            return NOTHING, {}
        number = _number(version)
        if version["state"] != "ENABLED":
            return Stored(number, frozenset(), None), {}
        payload = self._ask(secret, "GET", f"/versions/{number}:access").get("payload") or {}
        fields = _fields(payload)
        if fields is None:
            raise ValuesError(
                f"the newest version of {secret.full_name} is damaged, or is no JSON object and was not written by "
                f"Strongroom; nothing was written. Make a new version by hand, or disable version {number}"
            )
        return Stored(number, frozenset(fields), _time(str(version.get("createTime") or ""))), fields

    def _latest(self, secret: GcpSecret) -> dict[str, Any] | None:
        """The newest version without its value; None if there never was one."""
        try:
            return self._ask(secret, "GET", "/versions/latest")
        except GcpError as error:
            if error.code != "NOT_FOUND":
                raise
        # Is there no secret, or only no version of it? The one has to be deployed first.
        self._ask(secret, "GET", "/versions", pageSize=1)
        return None

    def _versions(self, secret: GcpSecret) -> Iterator[dict[str, Any]]:
        token = ""
        while True:
            page = self._ask(secret, "GET", "/versions", pageSize=250, pageToken=token)
            yield from page.get("versions", ())
            if not (token := str(page.get("nextPageToken") or "")):
                return

    def _new_version(self, secret: GcpSecret, fields: Mapping[str, Any], seen: Stored) -> int:
        data = as_text(fields).encode()
        if len(data) > SIZE_MAX:
            raise ValuesError(
                f"the values of {secret.key} are {len(data)} bytes together, and Secret Manager takes {SIZE_MAX}; "
                "nothing was written. Split the secret into several"
            )
        encoded = base64.b64encode(data).decode()
        hide = [encoded, *texts_in(fields)]
        payload = {"data": encoded, "dataCrc32c": str(crc32c(data))}
        made = _number(self._ask(secret, "POST", ":addVersion", {"payload": payload}, hide))
        if isinstance(seen.version, int) and made != seen.version + 1:
            raise ValuesError(
                f"{secret.key} was written by somebody else meanwhile: version {made} is yours, is the newest, "
                f"and was made from version {seen.version}, so that what came between is not in it. Look at both, and "
                "write again what is missing"
            )
        return made

    def _ask(
        self,
        secret: GcpSecret,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        hide: list[str] | None = None,
        **parameters: str | int,
    ) -> dict[str, Any]:
        return self._project(secret.place).ask(method, f"secrets/{secret.path}{path}", body, hide or (), **parameters)


def _number(version: Mapping[str, Any]) -> int:
    return int(str(version["name"]).rpartition("/")[2])


def _fields(payload: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        data = base64.b64decode(str(payload.get("data") or ""), validate=True)
        if "dataCrc32c" in payload and int(payload["dataCrc32c"]) != crc32c(data):
            return None
    except (binascii.Error, ValueError):
        return None
    return fields_of(data)


def _time(text: str) -> datetime | None:
    # Google gives up to nanoseconds; Python reads microseconds.
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{seconds}.{(fraction + '000000')[:6]}+00:00") if seconds else None
