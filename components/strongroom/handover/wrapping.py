"""Response wrapping: the server keeps an answer, and gives a token that fetches it once.

Whoever carries the token sees no secret. If somebody fetches it on the way, the one whom it is for cannot, and knows;
if somebody puts another token in its place, the path that made the answer is another (Vault, "Response wrapping").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from strongroom.errors import StrongroomError
from strongroom.vault.connection import Connection, ServerError


class HandoverError(StrongroomError):
    """A secret could not be handed over. The text says what to do, and holds neither it nor its token."""


class TamperedError(HandoverError):
    """Somebody else may have the secret."""


@dataclass(frozen=True)
class Wrapped:
    """An answer that the server keeps."""

    token: str = field(repr=False)
    """Fetches the answer once. Good for nothing else, and worth as much as the answer until then."""
    creation_path: str
    """The path of the API whose answer it is."""
    ttl_seconds: int
    """After this time the answer is gone."""


def wrapped(server: Connection, path: str, body: Mapping[str, Any], ttl_seconds: int) -> Wrapped:
    """Asks for an answer and leaves it on the server. Raises ServerError if there is none."""
    answer = server.request("POST", path, body, wrap_ttl=f"{ttl_seconds}s") or {}
    if not (info := answer.get("wrap_info")):
        said = "; ".join(answer.get("warnings") or ()) or "nothing"
        raise HandoverError(f"the server made nothing to hand over at {path}; it said: {said}")
    return Wrapped(info["token"], info["creation_path"], int(info["ttl"]))


def unwrap(server: Connection, token: str, creation_path: str) -> dict[str, Any]:
    """The answer, fetched for good; `server` needs no token of its own.

    Raises TamperedError if the token was made at another path, and then fetches nothing; or if the answer is gone.
    Whatever else goes wrong is a ServerError: it says nothing of where the secret is.
    """
    made_at = _looked_up(server, token)
    if made_at != creation_path:
        raise TamperedError(
            f"the token was made at {made_at} and not at {creation_path}: it is not the one that was sent. Nothing was "
            "fetched. Tell whoever sent it, and use nothing that it gives"
        )
    server.client.token = token
    try:
        answer = server.request("POST", "sys/wrapping/unwrap", {}, hide=[token])
    except ServerError as error:
        if error.status not in (400, 403):  # what it says of a token that is no more
            raise
        answer = None
    if answer is None:
        raise _gone()
    data: dict[str, Any] = answer.get("data") or {}
    if not data:
        raise HandoverError("the token was good, and what it fetched is empty; ask for another")
    return data


def _looked_up(server: Connection, token: str) -> str:
    try:
        found = server.request("POST", "sys/wrapping/lookup", {"token": token}, hide=[token]) or {}
    except ServerError as error:
        if "wrapping token is not valid" not in error.said:
            raise
        found = {}
    if not (path := (found.get("data") or {}).get("creation_path")):
        raise _gone()
    return str(path)


def _gone() -> TamperedError:
    return TamperedError(
        "the token is not good any more: it has expired, or somebody fetched what it was for. If its time is not over, "
        "somebody has the secret: tell whoever sent it, who destroys it and sends another"
    )
