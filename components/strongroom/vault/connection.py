"""The one client with which Strongroom's own tools talk to a Vault or OpenBao: encrypted, verified, never redirected.

    server = connect(Server.of(project, "prod"))
    server.read("sys/mounts")          # the data, or None if there is nothing
    server.list("auth/userpass/users") # names, maybe none

Every method raises ServerError, with one text that says what is wrong and what to do.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

import hvac
import requests

from strongroom.errors import WrongInputError
from strongroom.spec.names import is_loopback
from strongroom.vault import refusals
from strongroom.vault.profile import Profile, recognise
from strongroom.vault.refusals import Answered, Asked, NotMountedError, ServerError

if TYPE_CHECKING:
    from strongroom.plan.plan import Plan
    from strongroom.project import Project

TIMEOUT_SECONDS: Final = 30


@dataclass(frozen=True)
class Server:
    """Where the stack's own Vault provider is pointed. None: the stack's configuration does not say."""

    address: str | None = None
    """`vault:address`."""
    namespace: str | None = None
    """`vault:namespace`."""
    ca_file: str | None = None
    """`vault:caCertFile`."""

    @classmethod
    def of(cls, project: "Project", stack: str) -> "Server":
        """What the configuration of a stack says."""
        return cls(*(project.provider_setting(stack, f"vault:{key}") for key in ("address", "namespace", "caCertFile")))


class Connection:
    """A server, as one token sees it. Nothing is sent before a method is called."""

    def __init__(self, client: hvac.Client) -> None:
        self.client = client
        # A standby or a proxy points elsewhere, and the token would go wherever it points.
        client.adapter.allow_redirects = False

    def within(self, namespace: str) -> "Connection":
        """The same server, seen from a namespace below the one that this is seen from; empty: from the same."""
        if not namespace:
            return self
        outer = self.client.adapter.namespace
        return self._seen_from(f"{outer}/{namespace}" if outer else namespace)

    def _seen_from(self, namespace: str | None) -> "Connection":
        return Connection(
            hvac.Client(
                url=self.address,
                token=self.client.token,
                namespace=namespace,
                session=self.client.session,
                timeout=TIMEOUT_SECONDS,
            )
        )

    @property
    def address(self) -> str:
        return str(self.client.url)

    def read(self, path: str) -> dict[str, Any] | None:
        """The data at a path; None if there is nothing, also where nothing is mounted."""
        try:
            answer = self.request("GET", path)
        except NotMountedError:
            return None
        return None if answer is None else answer.get("data") or {}

    def list(self, path: str) -> list[str]:
        """The names below a path, in the server's order; those that go on end in a slash."""
        try:
            answer = self.request("LIST", path)
        except NotMountedError:
            return []
        return list(((answer or {}).get("data") or {}).get("keys") or ())

    def write(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """Creates or updates; the data of the answer, None if the server answers without any."""
        answer = self.request("POST", path, body or {})
        return None if answer is None else answer.get("data")

    def delete(self, path: str) -> None:
        """Deletes; that it is gone already is no error."""
        self.request("DELETE", path)

    def health(self) -> dict[str, Any]:
        """What the server says of itself to everybody, in whatever state it is: `sys/health`."""
        states = "standbyok=true&perfstandbyok=true&sealedcode=200&uninitcode=200&drsecondarycode=200"
        # Outside of all namespaces: Vault, "Namespaces", "Root only API paths".
        return self._seen_from(None).request("GET", "sys/health", query=states) or {}

    def profile(self) -> Profile:
        """Which server it is: flavour, version, edition."""
        try:
            return recognise(self.health(), self._seen_from(None).request("GET", "sys/seal-status") or {})
        except ValueError:
            raise ServerError(f"{self.address} does not say which version it is; is it a Vault or OpenBao?") from None

    def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        content_type: str = "application/json",
        query: str = "",
        hide: Iterable[str] = (),
        wrap_ttl: str | None = None,
    ) -> dict[str, Any] | None:
        """The whole answer; None if there is nothing at the path, or nothing to say.

        With `wrap_ttl`, such as `300s`, the server keeps the answer for that time, and `wrap_info` says how to get it.
        `hide` are secret values of the body: they are taken out of whatever the server says. Raises ServerError, and
        NotMountedError where no engine or auth method has the path.
        """
        asked = Asked(self.address, method, path.strip("/"), self.client.adapter.namespace or "", tuple(hide))
        answer = self._send(asked, body, content_type, query, wrap_ttl)
        if isinstance(answer, dict):
            return answer
        answered = Answered(answer.status_code, answer.content, answer.headers.get("Location", ""))
        if answered.status == 204 or answered.is_mere_absence:
            return None
        raise refusals.refused(asked, answered, self._given)

    def _send(
        self,
        asked: Asked,
        body: Mapping[str, Any] | None,
        content_type: str = "application/json",
        query: str = "",
        wrap_ttl: str | None = None,
    ) -> Any:
        """The answer as data, or as it came if it is none. Raises ServerError if there is no answer."""
        url = f"v1/{quote(asked.path)}" + (f"?{query}" if query else "")
        headers = {"Content-Type": content_type} if body is not None else None
        try:
            return self.client.adapter.request(
                asked.method, url, headers=headers, json=body, wrap_ttl=wrap_ttl, raise_exception=False
            )
        except (requests.exceptions.RequestException, OSError) as error:  # OSError: the CA file cannot be used
            problem = refusals.unanswered(asked, error, self.client.session.verify)
        # Raised out here, so that no exception is chained whose frames hold the body.
        raise problem

    def _given(self, path: str) -> Sequence[str] | None:
        """What the token may do at a path, in the server's own judgement; None if it may not even ask."""
        asked = Asked(self.address, "POST", "sys/capabilities-self", self.client.adapter.namespace or "", ())
        answer = self._send(asked, {"paths": [path]})
        return (answer.get("data") or {}).get(path) if isinstance(answer, dict) else None


def connect(server: Server, *, anonymous: bool = False) -> Connection:
    """A connection to the stack's server, or to that of VAULT_ADDR where the stack names none.

    Token, CA and namespace come from where the vendor's own CLI takes them: VAULT_TOKEN or ~/.vault-token,
    VAULT_CACERT, VAULT_NAMESPACE. Raises WrongInputError if they point elsewhere than the stack does, as what belongs
    to one environment must not end up in another; or if the way there is not encrypted. Raises ServerError if there is
    no token, unless it is to be used without one.
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
        raise WrongInputError(f"{url} is not encrypted, and a token and values would travel over it; use https")
    ca_file = os.environ.get("VAULT_CACERT") or server.ca_file
    if ca_file and not Path(ca_file).is_file():
        raise WrongInputError(f"there is no CA certificate {ca_file}; correct VAULT_CACERT or vault:caCertFile")
    session = requests.Session()
    session.trust_env = False  # no proxy sees the values, and no ~/.netrc replaces the token
    session.verify = ca_file or True  # hvac does not pass its own `verify` on to a session that it is given
    return Connection(
        hvac.Client(
            url=url,
            token="" if anonymous else _token(),
            namespace=_agreed("VAULT_NAMESPACE", "vault:namespace", server.namespace),
            session=session,
            timeout=TIMEOUT_SECONDS,
        )
    )


def connect_within(project: "Project", stack: str, plan: "Plan", *, anonymous: bool = False) -> Connection:
    """The server of a stack, seen from the namespace that its plan lies in. As `connect`."""
    return connect(Server.of(project, stack), anonymous=anonymous).within(plan.namespace)


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
        raise ServerError(f"{file} cannot be read ({type(error).__name__}); log in again, or set VAULT_TOKEN") from None
    if not token:
        raise ServerError("no Vault token: log in (`vault login`, `bao login`) or set VAULT_TOKEN")
    return token


__all__ = ["Connection", "NotMountedError", "Server", "ServerError", "connect", "connect_within"]
