"""Why a server did not do what it was asked, in words of the person who asked: what, where, and the remedy.

Decides from answers alone and sends nothing. No text holds a token, a body, or a value that is to be hidden.
"""

import http.client
import json
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

import requests
import urllib3

from strongroom.errors import StrongroomError
from strongroom.spec.problems import NOT_SHOWN, shown

CAPABILITIES: Final = {
    "GET": ("read",),
    "LIST": ("list",),
    "POST": ("create", "update"),
    "PUT": ("create", "update"),
    "PATCH": ("patch",),
    "DELETE": ("delete",),
}
"""What a policy must give for a method; of several, one is enough, depending on what is there already."""

TIMEOUTS: Final = (requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError)


Given = Callable[[str], Sequence[str] | None]
"""Asks the server what the token may do at a path; None if it may not even ask."""


class ServerError(StrongroomError):
    """A server refused, or could not be had. `status` is its HTTP status, `said` its own words; 0 and "" for none."""

    def __init__(self, text: str, status: int = 0, said: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.said = said


class NotMountedError(ServerError):
    """There is no engine or auth method that has the path."""


@dataclass(frozen=True)
class Asked:
    """A request, as an error may show it."""

    address: str
    method: str
    path: str
    namespace: str
    hide: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"{self.path} on {self.address}" + (f" (namespace {self.namespace})" if self.namespace else "")


@dataclass(frozen=True)
class Answered:
    """What came back, from whatever client."""

    status: int
    body: bytes
    location: str = ""
    """The header `Location`."""

    @property
    def data(self) -> dict[str, Any] | None:
        """None if it is not what such a server says."""
        try:
            data = json.loads(self.body)
        except ValueError:
            return None
        return data if isinstance(data, dict) else None

    @property
    def is_mere_absence(self) -> bool:
        """Whether it says that there is nothing at a path which somebody serves."""
        return self.status == 404 and self.data is not None and not self.data.get("errors")


def refused(asked: Asked, answer: Answered, given: Given) -> ServerError:
    """The error for an answer."""
    status, said = answer.status, _said(asked, answer)
    if 300 <= status < 400:
        return ServerError(_points_on(asked, answer), status)
    if answer.data is None:
        tls = b"HTTPS server" in answer.body[:200]
        text = "and wants TLS: write https:// in the address" if tls else "but not as a Vault or OpenBao: is it a proxy"
        return ServerError(f"{asked.address} answers {status}, {text}{'' if tls else ', or another service?'}", status)
    kind = NotMountedError if status == 404 else ServerError
    return kind(_text(asked, status, said, given), status, said)


def _text(asked: Asked, status: int, said: str, given: Given) -> str:
    where, what = asked.address, f"{asked.method} {asked.path}{_within(asked)}: the server at {asked.address} answered"
    match status:
        # Both servers say so of a token; of a policy they say "1 error occurred".
        case 403 if said == "permission denied" or "invalid token" in said:
            text = (
                f"{where} does not know the token{_within(asked)}: it has expired, was revoked, or is another "
                "server's; log in again, or set VAULT_TOKEN anew"
            )
        case 403:
            text = _not_permitted(asked, given(asked.path))
        case 404:
            text = f"nothing serves {asked.place}: {said}; deploy what mounts it first, or correct the path"
        case 429:
            text = f"{where} is asked too much by its own rate limit; wait, or raise the quota for {asked.path}"
        case 503 if "sealed" in said.lower():
            text = f"the server {where} is sealed, or was never initialised; unseal it and try again"
        case 500 | 503 if "not active" in said or "standby" in said.lower():
            text = f"the server {where} is a standby and finds no leader ({said}); wait for one, and try again"
        case _ if "context canceled" in said:
            text = f"{what} nothing, as it was sealed or stopped while it was asked ({said}); try again when it is back"
        case _ if status >= 500:
            text = f"{what} {status}: {said or 'no reason given'}; look at its log"
        case _:
            text = f"{what} {status}: {said or 'no reason given'}"
    return text


def _points_on(asked: Asked, answer: Answered) -> str:
    to = urlsplit(answer.location)
    leader = shown(f"{to.scheme}://{to.netloc.rpartition('@')[2]}").strip("'") if to.netloc else "another address"
    plain = ", which is not encrypted" if to.scheme == "http" else ""
    return (
        f"{asked.address} is a standby that does not reach its leader, or a proxy, and points on to {leader}{plain}; "
        "no token was sent there. If that one answers, name it in vault:address or VAULT_ADDR; else try again later"
    )


def _not_permitted(asked: Asked, given: Sequence[str] | None) -> str:
    needed = CAPABILITIES.get(asked.method.upper(), (asked.method.lower(),))
    words = " or ".join(f"`{capability}`" for capability in needed)
    if given is not None and set(given) & {*needed, "root"}:
        return (
            f"the token may {words} {asked.place} by its policies, and is refused all the same: the path also needs "
            "`sudo`, or the policy limits its parameters"
        )
    have = [capability for capability in given or () if capability != "deny"]
    also = f" (they give {', '.join(have)})" if have else ""
    return (
        f"the token's policies do not give {words} on {asked.place}{also}; add that to a policy of the token, "
        "or log in as somebody who has it"
    )


def unanswered(asked: Asked, error: BaseException, ca_file: object) -> ServerError:
    """The error where there was no answer at all."""
    where, causes = asked.address, _causes(error)
    if certificate := next((each for each in causes if isinstance(each, ssl.SSLCertVerificationError)), None):
        text = _not_trusted(asked, certificate)
    elif any(isinstance(each, ssl.SSLError) for each in causes):
        text = _no_tls(where, " ".join(str(getattr(each, "reason", "") or "") for each in causes), ca_file)
    elif any(isinstance(each, TIMEOUTS) for each in causes):
        text = (
            f"{where} took {asked.method} {asked.path} and did not answer in time; look at what it did before trying "
            "again"
        )
    elif any(isinstance(each, http.client.RemoteDisconnected | ConnectionResetError) for each in causes):
        text = (
            f"{where} ended the connection before it answered {asked.method} {asked.path}; look at its log, and at "
            "what it did, before trying again"
        )
    else:
        text = f"{where} cannot be reached ({type(error).__name__}); check the address and the network"
    return ServerError(text)


def _no_tls(where: str, reasons: str, ca_file: object) -> str:
    if "NO_CERTIFICATE" in reasons or "PEM" in reasons:
        return f"{ca_file} holds no certificate, so {where} is not trusted; correct VAULT_CACERT"
    if "WRONG_VERSION_NUMBER" in reasons or "RECORD_LAYER" in reasons:
        return f"{where} does not speak TLS; correct the address, or turn the listener's TLS on"
    return f"no TLS connection to {where} ({reasons.strip()[:200]}); compare TLS versions"


def _not_trusted(asked: Asked, error: ssl.SSLCertVerificationError) -> str:
    # Numbers of OpenSSL, x509_vfy.h: X509_V_ERR_CERT_NOT_YET_VALID, CERT_HAS_EXPIRED, HOSTNAME and IP_ADDRESS_MISMATCH.
    host = urlsplit(asked.address).hostname
    match error.verify_code:
        case 9 | 10:
            when = "is not valid yet" if error.verify_code == 9 else "has expired"
            return f"the certificate of {asked.address} {when}; renew it, or correct this machine's clock"
        case 62 | 64:
            return (
                f"the certificate of {asked.address} is for other names than {host}; use the name that it bears, or "
                "issue one that bears this name too"
            )
        case _:
            return (
                f"the certificate of {asked.address} is not trusted ({error.verify_message}); name its authority in "
                "VAULT_CACERT"
            )


def _within(asked: Asked) -> str:
    return f" in namespace {asked.namespace}" if asked.namespace else ""


def _causes(error: BaseException) -> "list[BaseException]":
    """An error and all that it was made of: `requests` keeps urllib3's in its arguments, and that one in `reason`."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            waiting += [*each.args, getattr(each, "reason", None), each.__cause__, each.__context__]
    return found


def _said(asked: Asked, answer: Answered) -> str:
    """The server's words in one line, without what is to be hidden."""
    errors = (answer.data or {}).get("errors") or ()
    said = "; ".join(str(each) for each in errors)
    spelled = {form for value in asked.hide if value for form in (value, json.dumps(value)[1:-1], quote(value))}
    for form in sorted(spelled, key=len, reverse=True):
        said = said.replace(form, NOT_SHOWN)
    return " ".join(said.replace("*", " ").split()) if "\n" in said else said
