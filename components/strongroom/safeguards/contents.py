"""What a server tells of what it holds. Names and numbers only: no value is ever read.

What a token needs: `list` and `read` on what it is asked about, `read` on `sys/mounts` and `sys/auth`, and `list` with
`sudo` on `sys/leases/lookup/`. What it may not look at counts as full, and the answer says so.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from strongroom.safeguards.holding import AUTH, Holding, Place
from strongroom.vault.connection import Connection, ServerError

SECRETS_LOOKED_AT: Final = 2000
"""For how many secrets of a mount their versions are counted."""
NAMES_SHOWN: Final = 5

LISTED: Final[Mapping[str, tuple[str, ...]]] = {
    "kv": ("metadata",),
    "kv_v1": ("",),
    "transit": ("keys",),
    "totp": ("keys",),
    "pki": ("issuers", "keys", "certs"),
    "database": ("config", "static-roles"),
    "ssh": ("roles",),
    "kubernetes": ("roles",),
    "rabbitmq": ("roles",),
    "aws": ("roles", "static-roles"),
}
"""Engine -> what is in it, as paths that can be listed. What an unknown engine holds cannot be known."""
KEYS: Final[Mapping[str, str]] = {"aws": "config/root", "auth/aws": "config/client"}
"""Where the server's own key to AWS is. Once it has been rotated, nobody else has it."""
PEOPLE: Final = ("users", "groups", "certs", "map/users", "map/teams")
"""What auth methods keep that nobody declares: userpass users with their passwords, and the like."""


class Unasked:
    """No server was asked: whatever may hold something counts as if it did."""

    def __init__(self, why: str) -> None:
        self.why = why

    def mounted(self) -> Mapping[str, str]:
        return {}

    def of(self, holding: Holding) -> str:
        what = "whoever logs in through it" if holding.is_auth else "whatever is in it"
        return f"{what} ({self.why})"

    def beyond(self, mount: str, versions: int) -> str:
        return f"versions beyond the newest {versions} of secrets in {mount} ({self.why})"

    def values_at(self, place: Place, otherwise: bool) -> bool:  # noqa: ARG002
        return otherwise


class Live:
    """A server that can be asked."""

    def __init__(self, connection: Connection) -> None:
        self._server = connection

    def mounted(self) -> Mapping[str, str]:
        return self._mounted

    @classmethod
    def asked(cls, connection: Connection) -> "Live":
        """Raises ServerError if it does not say what is mounted: that is another thing than that nothing is."""
        live = cls(connection)
        if live._engines is None:
            raise ServerError(f"{connection.address} does not say what is mounted; is there such a namespace?")
        return live

    @cached_property
    def _engines(self) -> dict[str, Any] | None:
        return self._server.read("sys/mounts")

    @cached_property
    def _methods(self) -> dict[str, Any] | None:
        return self._server.read("sys/auth")

    @cached_property
    def _mounted(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for prefix, table in (("", self._engines), (AUTH, self._methods)):
            for path, info in (table or {}).items():
                if isinstance(info, dict) and "accessor" in info:
                    found[prefix + path.strip("/")] = str(info["accessor"])
        return found

    def of(self, holding: Holding) -> str:
        if (self._methods if holding.is_auth else self._engines) is None:
            return Unasked("the server does not say what is mounted").of(holding)
        if holding.path not in self._mounted:
            return ""  # somebody has removed it already
        try:
            found = list(self._logins(holding) if holding.is_auth else self._inside(holding))
        except ServerError as error:
            if error.status != 403:
                raise
            return f"what this token may not look at: {error}"
        return "; ".join(found)

    def beyond(self, mount: str, versions: int) -> str:
        try:
            return self._beyond(mount, versions)
        except ServerError as error:
            if error.status != 403:
                raise
            return f"versions that this token may not look at: {error}"

    def _beyond(self, mount: str, versions: int) -> str:
        found = []
        for looked_at, path in enumerate(self._secrets(mount, ""), start=1):
            about = self._server.read(f"{mount}/metadata/{path}") or {}
            if len(about.get("versions") or {}) > versions:
                found.append(path)
            if looked_at == SECRETS_LOOKED_AT or len(found) > NAMES_SHOWN:
                found.append("maybe more")
                break
        return f"older versions of {_some(found)}" if found else ""

    def values_at(self, place: Place, otherwise: bool) -> bool:
        try:
            about = self._server.read(f"{place.mount}/metadata/{place.path}")
            if about is None:  # version 1 has no metadata; only names are listed there
                folder, _, name = f"{place.mount}/{place.path}".rpartition("/")
                return name in self._server.list(folder)
            return bool(about.get("current_version"))
        except ServerError as error:
            if error.status in (403, 405):
                return otherwise
            raise

    def _inside(self, holding: Holding) -> Iterator[str]:
        mount, engine = holding.path, holding.engine
        if engine not in LISTED:
            yield f"whatever the engine {engine} keeps"
            return
        for part in LISTED[engine]:
            if names := self._server.list(f"{mount}/{part}".rstrip("/")):
                yield f"{part or 'secrets'}: {_some(names)}".replace("metadata: ", "secrets: ")
        if engine == "ssh" and self._has_ssh_key(mount):
            yield "its signing key"
        if self._has_aws_key(holding):
            yield "the server's own key to AWS"
        if leases := self._leases(mount):
            yield f"credentials in use: {leases}"

    def _has_ssh_key(self, mount: str) -> bool:
        try:
            return self._server.read(f"{mount}/config/ca") is not None
        except ServerError as error:
            if error.status == 400:  # "keys haven't been configured yet"
                return False
            raise

    def _has_aws_key(self, holding: Holding) -> bool:
        place = KEYS.get(f"{AUTH}{holding.engine}" if holding.is_auth else holding.engine)
        return bool(place and (self._server.read(f"{holding.path}/{place}") or {}).get("access_key"))

    def _logins(self, holding: Holding) -> Iterator[str]:
        accessor = self._mounted[holding.path]
        aliases = self._server.request("LIST", "identity/entity-alias/id") or {}
        about = ((aliases.get("data") or {}).get("key_info") or {}).values()
        if names := sorted(a["name"] for a in about if a.get("mount_accessor") == accessor):
            yield f"who logged in or is expected to: {_some(names)}"
        if leases := self._leases(holding.path):
            yield f"tokens in use: {leases}"
        for part in PEOPLE:
            if names := self._listed(f"{holding.path}/{part}"):
                yield f"{part}: {_some(names)}"
        if self._has_aws_key(holding):
            yield "the server's own key to AWS"

    def _listed(self, path: str) -> list[str]:
        """A method that does not have a path says so in many ways; that is no reason to fear for what is there."""
        try:
            return self._server.list(path)
        except ServerError as error:
            if error.status == 403 or error.status >= 500:
                raise
            return []

    def _leases(self, below: str) -> int:
        """How many leases there are below a path."""
        names = self._server.list(f"sys/leases/lookup/{below}")
        return sum(self._leases(f"{below}/{n.rstrip('/')}") if n.endswith("/") else 1 for n in names)

    def _secrets(self, mount: str, below: str) -> Iterator[str]:
        for name in self._server.list(f"{mount}/metadata/{below}".rstrip("/")):
            if name.endswith("/"):
                yield from self._secrets(mount, below + name)
            else:
                yield below + name


def _some(names: list[str]) -> str:
    rest = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
