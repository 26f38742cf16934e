"""Values in Vault's or OpenBao's KV version 2, with the operator's own token.

What an operator's policy needs, below the mount: `create`, `update`, `patch`, `delete` on `data/`, `read` on `subkeys/`
and `metadata/`, and `delete` on `metadata/` to destroy. It needs no `read` on `data/`: no value ever travels back.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import hvac
import hvac.exceptions
import requests

from strongroom.errors import WrongInputError
from strongroom.spec.names import is_loopback
from strongroom.values.store import Declared, Stored, ValuesError

TIMEOUT_SECONDS: Final = 30
NOTHING: Final = Stored(0, frozenset(), None)


@dataclass(frozen=True)
class Server:
    """Where the stack's own Vault provider is pointed. None: the stack's configuration does not say."""

    address: str | None = None
    """`vault:address`."""
    namespace: str | None = None
    """`vault:namespace`."""
    ca_file: str | None = None
    """`vault:caCertFile`."""


def connect(server: Server) -> hvac.Client:
    """A client for the stack's server, or for that of VAULT_ADDR where the stack names none.

    Token, CA and namespace come from where the vendor's own CLI takes them: VAULT_TOKEN or ~/.vault-token,
    VAULT_CACERT, VAULT_NAMESPACE. Raises WrongInputError if they point elsewhere than the stack does, as values of one
    environment must not end up in another; or if the way there is not encrypted. Raises ValuesError if there is no
    token.
    """
    if "@" in os.environ.get("VAULT_ADDR", "") or "@" in (server.address or ""):
        raise WrongInputError("the Vault address holds a name or password, which errors would show; log in instead")
    url = _agreed("VAULT_ADDR", "vault:address", server.address)
    if not url:
        raise WrongInputError("no Vault address: set vault:address in the stack's configuration, or VAULT_ADDR")
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets without an IPv6 address in them
        parts = urlsplit("")
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise WrongInputError("the Vault address is no URL; it looks like https://vault.example:8200")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise WrongInputError(f"{url} is not encrypted, and values would travel over it; use https")
    ca_file = os.environ.get("VAULT_CACERT") or server.ca_file
    if ca_file and not Path(ca_file).is_file():
        raise WrongInputError(f"there is no CA certificate {ca_file}; correct VAULT_CACERT or vault:caCertFile")
    session = requests.Session()
    session.trust_env = False  # no proxy sees the values, and no ~/.netrc replaces the token
    if parts.scheme == "https":
        del session.adapters["http://"]  # a standby points on to its leader; never along a way that is not encrypted
    session.verify = ca_file or True  # hvac does not pass its own `verify` on to a session that it is given
    return hvac.Client(
        url=url,
        token=_token(),
        namespace=_agreed("VAULT_NAMESPACE", "vault:namespace", server.namespace),
        session=session,
        timeout=TIMEOUT_SECONDS,
    )


def _agreed(variable: str, setting: str, configured: str | None) -> str | None:
    """What the stack's configuration says, or else the variable; both may be given if they are the same."""
    given = os.environ.get(variable, "").rstrip("/")
    wanted = (configured or "").rstrip("/")
    if given and wanted and given != wanted:
        raise WrongInputError(
            f"{variable} is {given}, but the stack's {setting} is {wanted}; unset or correct {variable}"
        )
    return wanted or given or None


def _token() -> str:
    if token := os.environ.get("VAULT_TOKEN", "").strip():
        return token
    file = Path.home() / ".vault-token"
    try:
        token = file.read_text("utf-8").strip()
    except FileNotFoundError:
        token = ""
    except (OSError, UnicodeDecodeError) as error:
        raise ValuesError(f"{file} cannot be read ({type(error).__name__}); log in again, or set VAULT_TOKEN") from None
    if not token:
        raise ValuesError("no Vault token: log in (`vault login`, `bao login`) or set VAULT_TOKEN")
    return token


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
        if answer is None:  # what was to be patched is gone
            raise ValuesError(_changed_meanwhile(secret))
        return int(answer["data"]["version"])

    def _request(self, method: str, secret: Declared, part: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer, or None where there is nothing at the path."""
        headers = {"Content-Type": "application/merge-patch+json"} if method == "patch" else None
        name, url = f"{secret.team}/{secret.name}", self._client.url
        try:
            return self._client.adapter.request(
                method, f"v1/{secret.mount}/{part}/{secret.path}", json=body, headers=headers
            )
        except hvac.exceptions.InvalidPath as error:
            if not error.errors:
                return None
            problem = (
                f"there is no KV version 2 engine {secret.mount} on {url}; deploy the stack's platform slice first"
            )
        except hvac.exceptions.InvalidRequest as error:
            refused = f"the server refused {name}: {_server_text(error)}"
            problem = _changed_meanwhile(secret) if "check-and-set" in str(error) else refused
        except hvac.exceptions.Forbidden:
            problem = (
                f"this token may not {method} {secret.mount}/{part}/{secret.path} on {url}, or is no longer valid; "
                "log in as an operator of this environment"
            )
        except hvac.exceptions.VaultDown:
            problem = f"the server {url} is sealed or a standby without a leader; unseal it and try again"
        except hvac.exceptions.VaultError as error:
            problem = f"the server could not answer for {name}: {_server_text(error)}"
        except requests.exceptions.SSLError:
            problem = f"the certificate of {url} is not trusted; name its authority in VAULT_CACERT"
        except requests.exceptions.InvalidSchema:
            problem = (
                f"{url} points on to an address that is not encrypted; nothing was sent there. Correct its api_addr"
            )
        except requests.exceptions.RequestException as error:
            problem = f"{url} cannot be reached ({type(error).__name__}); check the address and the network"
        # Raised out here, so that no exception is chained whose frames hold the request's body.
        raise ValuesError(problem)


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
