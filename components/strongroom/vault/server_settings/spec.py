"""What people write about a server as a whole. It has one of each: one environment of a server says it."""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from strongroom.spec.model import Model, StrictBool
from strongroom.spec.names import HttpsUrl, check_characters, refuse

HEADER_PATTERN: Final = r"^[A-Za-z0-9-]+$"
SECRET_HEADERS: Final = frozenset({"authorization", "cookie", "x-vault-token", "proxy-authorization"})
"""Headers that carry credentials."""
OWN_HEADERS: Final = (
    "Authorization",
    "Content-Type",
    "X-Requested-With",
    "X-Vault-AWS-IAM-Server-ID",
    "X-Vault-MFA",
    "X-Vault-No-Request-Forwarding",
    "X-Vault-Policy-Override",
    "X-Vault-Token",
    "X-Vault-Wrap-Format",
    "X-Vault-Wrap-TTL",
)
"""Headers that a server allows from other origins anyway: Vault, "/sys/config/cors"."""


def _check_header(text: str) -> str:
    return check_characters(text, "the header", HEADER_PATTERN, "A-Za-z0-9-", 100)


def _check_cors_header(text: str) -> str:
    if text.lower() in {header.lower() for header in OWN_HEADERS}:
        raise refuse(f"the server allows '{text}' anyway", "leave it out")
    return _check_header(text)


def _check_ui_header(text: str) -> str:
    if text.lower().startswith("x-vault-"):
        raise refuse("headers that begin with X-Vault- are the server's own", "choose another header")
    return _check_header(text)


def _check_origin(text: str) -> str:
    if text.count("/") != 2:
        raise refuse("an origin has no path", "write it as https://host[:port]")
    return text


def _check_audited(headers: Mapping[str, "AuditedHeader"]) -> Mapping[str, "AuditedHeader"]:
    lowered: dict[str, str] = {}
    for name, header in headers.items():
        if name.lower() in SECRET_HEADERS and not header.hmac:
            raise refuse(f"'{name}' carries a credential, which the audit log would show", "write `{hmac: true}`")
        if (other := lowered.setdefault(name.lower(), name)) != name:
            raise refuse(f"'{other}' and '{name}' are one header: their case means nothing", "keep one of them")
    return headers


Header = Annotated[str, AfterValidator(_check_header)]
HeaderValue = Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,4096}$")]
Origin = Annotated[HttpsUrl, AfterValidator(_check_origin)]


class Cors(Model):
    """Which web pages may talk to the server."""

    origins: Annotated[tuple[Origin, ...], Field(min_length=1)]
    """`https://host[:port]` of each page. Never `*`: that would be any page that somebody opens."""
    headers: tuple[Annotated[str, AfterValidator(_check_cors_header)], ...] = ()
    """Request headers that they may send beside those that the server allows anyway."""


class AuditedHeader(Model):
    """A request header that audit devices record."""

    hmac: StrictBool = True
    """Whether its value is hashed. False: it is there for everybody to read who may read the log."""


class RateLimiting(Model):
    """What all rate limits have in common."""

    audit: StrictBool = True
    """Whether refused requests are in the audit log. The server's own default is false."""
    response_headers: StrictBool = True
    """Whether answers say how much is left (`X-Ratelimit-…`). The server's own default is false."""


class ServerSettings(Model):
    """Settings of a server as a whole."""

    cors: Cors | None = None
    """Which web pages may talk to it. Default: none."""
    ui_headers: dict[
        Annotated[str, AfterValidator(_check_ui_header)], Annotated[tuple[HeaderValue, ...], Field(min_length=1)]
    ] = Field(default_factory=dict)
    """Headers of the answers of its web interface."""
    audited_headers: Annotated[dict[Header, AuditedHeader], AfterValidator(_check_audited)] = Field(
        default_factory=dict
    )
    """Request headers that audit devices record, such as `X-Forwarded-For`."""
    rate_limiting: RateLimiting | None = None
    """What all rate limits have in common. Default: as the server has it."""
