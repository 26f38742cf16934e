"""Keys of one-time codes that another service gave, in Vault's or OpenBao's TOTP engine, with the operator's own token.

What an operator's policy needs: `read`, `update` and `delete` on `<mount>/keys/<key>`. The server never tells a key. It
keeps one version only, and no write of it can be made to depend on what was there before.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from strongroom.values.store import NOTHING, Stored, ValuesError
from strongroom.vault.connection import Connection, NotMountedError
from strongroom.vault.totp.plan import TotpSharedKey

_VERSION: Final = 1
THERE: Final = Stored(_VERSION, frozenset(TotpSharedKey.fields), None)


class VaultTotpValues:
    """The keys of a TOTP engine, which are written and never read."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    def stored(self, secret: TotpSharedKey) -> Stored:
        return NOTHING if self._request("GET", secret) is None else THERE

    def write(self, secret: TotpSharedKey, values: Mapping[str, str], seen: Stored) -> int:  # noqa: ARG002  see above
        # Services show keys in groups and in any case, to be typed in.
        key = re.sub(r"[ -]", "", values["key"]).rstrip("=").upper()
        if not re.fullmatch("[A-Z2-7]{16,}", key):
            raise ValuesError(
                f"the value for key of {secret.key} is no key of one-time codes: 16 or more of A-Z and 2-7 (base32), "
                "which in an otpauth:// address is what follows `secret=`"
            )
        self._request("POST", secret, {**secret.label, "key": key})
        return _VERSION

    def remove_field(self, secret: TotpSharedKey, field: str, seen: Stored) -> int:  # noqa: ARG002  there is one field
        raise ValuesError(_no_way_back(secret))

    def delete(self, secret: TotpSharedKey) -> None:
        raise ValuesError(_no_way_back(secret))

    def destroy(self, secret: TotpSharedKey) -> None:
        self._request("DELETE", secret)

    def _request(self, method: str, secret: TotpSharedKey, body: Mapping[str, Any] | None = None) -> Any:
        try:
            hide = [body["key"]] if body else []
            return self._server.request(method, f"{secret.mount}/keys/{secret.path}", body, hide=hide)
        except NotMountedError:
            problem = (
                f"there is no TOTP engine {secret.mount} on {self._server.address}; "
                "deploy the stack's platform slice first"
            )
        # Raised out here, so that no exception is chained whose frames hold the request's body.
        raise ValuesError(problem)


def _no_way_back(secret: TotpSharedKey) -> str:
    return f"the server keeps no older version of the key of {secret.key}: to remove it is to destroy it (--destroy)"
