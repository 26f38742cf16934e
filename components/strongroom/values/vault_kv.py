"""Values in Vault's or OpenBao's KV version 2, with the operator's own token."""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import hvac
import hvac.exceptions
import requests

from strongroom.values.store import Declared, Stored, ValuesError

NOTHING = Stored(0, frozenset(), None)


def connect(address: str | None) -> hvac.Client:
    """A client for `address` (the stack's `vault:address`), or VAULT_ADDR where the stack names none.

    Token, CA and namespace come from where the vendor's own CLI takes them: VAULT_TOKEN or ~/.vault-token,
    VAULT_CACERT, VAULT_NAMESPACE. Raises ValuesError if VAULT_ADDR points elsewhere than the stack: values of one environment must
    not end up in another.
    """
    variable = os.environ.get("VAULT_ADDR")
    if address and variable and address.rstrip("/") != variable.rstrip("/"):
        raise ValuesError(
            f"VAULT_ADDR is {variable}, but the stack's vault:address is {address}; unset or correct VAULT_ADDR"
        )
    url = address or variable
    if not url:
        raise ValuesError("no Vault address: set vault:address in the stack's configuration, or VAULT_ADDR")
    token_file = Path.home() / ".vault-token"
    token = os.environ.get("VAULT_TOKEN") or (token_file.read_text("utf-8").strip() if token_file.is_file() else "")
    if not token:
        raise ValuesError("no Vault token: log in (`vault login`, `bao login`) or set VAULT_TOKEN")
    session = requests.Session()
    session.trust_env = False
    return hvac.Client(
        url=url,
        token=token,
        namespace=os.environ.get("VAULT_NAMESPACE"),
        verify=os.environ.get("VAULT_CACERT") or True,
        session=session,
        timeout=30,
    )


class VaultKvValues:
    """The KV version 2 store. Looking never reads a value: versions and field names have paths of their own."""

    def __init__(self, client: hvac.Client) -> None:
        self._client = client

    def stored(self, secret: Declared) -> Stored:
        metadata = self._request("get", secret, "metadata")
        if metadata is None:
            return NOTHING
        version = int(metadata["data"]["current_version"])
        subkeys = self._request("get", secret, "subkeys") if version else None
        if subkeys is None:  # deleted or destroyed
            return Stored(version, frozenset(), None)
        found = subkeys["data"]
        return Stored(
            int(found["metadata"]["version"]),
            frozenset(found["subkeys"] or ()),
            _time(found["metadata"]["created_time"]),
        )

    def write(self, secret: Declared, values: Mapping[str, str], seen: Stored) -> int:
        # PATCH merges on the server, so the other fields never travel here.
        method = "patch" if seen.fields else "post"
        return self._new_version(method, secret, dict(values), seen)

    def remove_field(self, secret: Declared, field: str, seen: Stored) -> int:
        return self._new_version("patch", secret, {field: None}, seen)

    def delete(self, secret: Declared) -> None:
        self._request("delete", secret, "data")

    def destroy(self, secret: Declared) -> None:
        self._request("delete", secret, "metadata")

    def _new_version(self, method: str, secret: Declared, data: Mapping[str, str | None], seen: Stored) -> int:
        body = {"options": {"cas": seen.version}, "data": data}
        answer = self._request(method, secret, "data", body)
        if answer is None:
            raise ValuesError(_changed_meanwhile(secret))
        return int(answer["data"]["version"])

    def _request(self, method: str, secret: Declared, part: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer, or None where there is nothing at the path."""
        headers = {"Content-Type": "application/merge-patch+json"} if method == "patch" else None
        name = f"{secret.team}/{secret.name}"
        # No exception is chained: its frames would hold the request's body.
        try:
            return self._client.adapter.request(
                method, f"v1/{secret.mount}/{part}/{secret.path}", json=body, headers=headers
            )
        except hvac.exceptions.InvalidPath:
            return None
        except hvac.exceptions.InvalidRequest as error:
            if "check-and-set" in str(error):
                raise ValuesError(_changed_meanwhile(secret)) from None
            problem = f"the server refused {name}: {_server_text(error)}"
        except hvac.exceptions.Forbidden:
            problem = f"this token may not {method} {secret.mount}/{part}/{secret.path}; log in as an operator of this environment"
        except hvac.exceptions.VaultDown:
            problem = "the server is sealed; unseal it and try again"
        except hvac.exceptions.VaultError as error:
            problem = f"the server could not answer for {name}: {_server_text(error)}"
        except requests.exceptions.SSLError:
            problem = f"the certificate of {self._client.url} is not trusted; set VAULT_CACERT to its CA"
        except requests.exceptions.RequestException as error:
            problem = (
                f"{self._client.url} cannot be reached ({type(error).__name__}); check the address and the network"
            )
        raise ValuesError(problem) from None


def _changed_meanwhile(secret: Declared) -> str:
    return (
        f"{secret.team}/{secret.name} was changed by somebody else in the meantime; nothing was written. "
        "Look at `strongroom values status` and try again"
    )


def _server_text(error: hvac.exceptions.VaultError) -> str:
    return "; ".join(error.errors or []) or type(error).__name__


def _time(text: str) -> datetime:
    # The server gives nanoseconds; Python reads microseconds.
    seconds, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{seconds}.{fraction[:6] or '0'}+00:00")
