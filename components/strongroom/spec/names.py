"""The small languages of names, paths, addresses and durations.

Whatever a user writes ends up in HCL, SQL, JSON and URLs. Names are therefore so plain that no output language
can be broken out of; the templates escape all the same. Limits are the narrowest of the systems a name may reach.
"""

import ipaddress
import re
import unicodedata
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from strongroom.spec.problems import shown

NAME_MAX: Final = 40
"""Characters in one name. Two names and a separator fit into the 128 of a Vault role name with room to spare."""

NAME_PATTERN: Final = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
RESERVED_TEAMS: Final = frozenset({"all", "platform"})
"""Slice names of our own: a team called so would be mistaken for one."""

DURATION_MAX_SECONDS: Final = 36525 * 86400
"""100 years; the servers count nanoseconds in 64 bits and overflow after 292."""

DURATION_PATTERN: Final = "^[0-9]{1,10}[smhd]$"
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def refuse(message: str, remedy: str = "") -> PydanticCustomError:
    """An error with a remedy, for validators to raise. Braces in the message are taken literally."""
    return PydanticCustomError("strongroom", "{text}", {"text": message, "remedy": remedy})


def describe_character(character: str) -> str:
    """How an error names a character that may be invisible or look like another: `U+0430 CYRILLIC SMALL LETTER A`."""
    if character.isascii() and character.isprintable() and character != " ":
        return repr(character)
    return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"


def check_characters(text: str, what: str, pattern: str, allowed: str, longest: int) -> str:
    """Returns `text` if it matches `pattern`; else names the first character outside the class `allowed`."""
    if not text:
        raise refuse(f"{what} is empty")
    if len(text) > longest:
        raise refuse(f"{what} has {len(text)} characters, the limit is {longest}", "choose a shorter one")
    if re.fullmatch(pattern, text):
        return text
    single = re.compile(rf"[{allowed}]")
    for position, character in enumerate(text, start=1):
        if not single.fullmatch(character):
            raise refuse(
                f"{what} has {describe_character(character)} at character {position}",
                f"it must match {pattern}",
            )
    raise refuse(f"{what} is not of the right form", f"it must match {pattern}")


def check_name(text: str) -> str:
    """A name of a team, workload, secret, store, connection or environment."""
    return check_characters(text, "the name", NAME_PATTERN, "a-z0-9-", NAME_MAX)


def check_team(text: str) -> str:
    if text in RESERVED_TEAMS:
        raise refuse(f"'{text}' names a slice of every environment and cannot be a team", "choose another team name")
    return check_name(text)


def _check_path(text: str) -> str:
    for segment in text.split("/"):
        if segment in {"", ".", ".."}:
            raise refuse(
                "the path has an empty, '.' or '..' segment",
                "write it as a/b/c, without a slash at either end",
            )
    return check_characters(
        text,
        "the path",
        r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$",
        "A-Za-z0-9_./-",
        250,
    )


def _check_mount(text: str) -> str:
    _check_path(text)
    root = text.split("/", maxsplit=1)[0]
    if root in {"sys", "auth", "identity", "cubbyhole", "audit"}:
        raise refuse(f"'{root}' is a path of the server itself", "choose another mount path")
    return text


def _check_auth_mount(text: str) -> str:
    _check_path(text)
    if text.partition("/")[0] == "token":
        raise refuse("'token' is the server's own auth method", "choose another mount path")
    return text


def _check_field(text: str) -> str:
    # The dot in front is for Kubernetes' `.dockerconfigjson`.
    return check_characters(text, "the field name", r"^\.?[A-Za-z_][A-Za-z0-9_.-]*$", "A-Za-z0-9_.-", 64)


def _check_sql_identifier(text: str) -> str:
    # 63 bytes: PostgreSQL, "Identifiers and Key Words" (NAMEDATALEN - 1).
    return check_characters(text, "the SQL identifier", r"^[a-z_][a-z0-9_]*$", "a-z0-9_", 63)


def _check_host(text: str) -> str:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    # A zone (`fe80::1%eth0`) may hold any character at all, and means something on one machine only.
    if ":" in bare and re.fullmatch("[0-9A-Fa-f:.]+", bare):
        try:
            return str(ipaddress.IPv6Address(bare))
        except ValueError:
            raise refuse("the host looks like an IPv6 address and is none", "write it as 2001:db8::1") from None
    label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"  # RFC 1123, section 2.1
    return check_characters(text, "the host", rf"^{label}(\.{label})*$", "A-Za-z0-9.-", 253)


def is_loopback(host: str) -> bool:
    """Whether traffic to this host never leaves the machine. Names other than `localhost` are never taken for it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_https_url(text: str) -> str:
    # Neither quotes, angle brackets, backslashes nor braces belong in a URL: RFC 3986, appendix A.
    if not re.fullmatch(r"""[^\x00-\x20"<>\\^`{|}\x7f-\U0010ffff]{1,2048}""", text):
        raise refuse(
            "the URL is longer than 2048 characters, or has a space, a quote, a brace or a character beyond ASCII",
            "percent-encode it",
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise refuse("the URL cannot be read", "write it as https://host[:port]/path") from None
    if parts.scheme != "https" or not parts.hostname or (port is not None and port == 0):
        raise refuse("the URL must begin with https:// and name a host", "secrets and keys travel over TLS only")
    if parts.username or parts.password:
        raise refuse("the URL carries credentials", "name them by reference instead")
    return text


def seconds(text: object) -> int:
    """`90d`, `24h`, `30m`, `15s` as seconds. A bare number has no unit and is refused.

    Zero is refused too: servers read it as "no limit" or as a default of their own, never as "at once".
    """
    if isinstance(text, str) and (match := re.fullmatch(r"([0-9]{1,10})([smhd])", text)):
        total = int(match[1]) * _UNITS[match[2]]
        if total == 0:
            raise refuse("the duration is 0", "write at least 1s, or leave the key out")
        if total > DURATION_MAX_SECONDS:
            raise refuse("the duration is longer than 100 years", f"write at most {duration(DURATION_MAX_SECONDS)}")
        return total
    raise refuse(
        f"needs a duration: a whole number and one of s, m, h, d; found {shown(text)}", "for example 1h or 90d"
    )


def duration(total_seconds: int) -> str:
    """The shortest spelling of a number of seconds: 86400 is `1d`. The inverse of `seconds`."""
    unit = next(u for u in ("d", "h", "m", "s") if total_seconds % _UNITS[u] == 0)
    return f"{total_seconds // _UNITS[unit]}{unit}"


def _text(pattern: str, **extra: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, **extra})


Name = Annotated[str, AfterValidator(check_name), _text(NAME_PATTERN, maxLength=NAME_MAX)]
"""Lower-case letters, digits and single hyphens, beginning with a letter, at most 40 characters."""

TeamName = Annotated[str, AfterValidator(check_team), _text(NAME_PATTERN, maxLength=NAME_MAX)]
"""A name that is not `platform` or `all`, which are slices of every environment."""

QualifiedName = Annotated[
    str,
    AfterValidator(lambda text: "/".join(check_name(part) for part in text.split("/", 1))),
    _text(r"^[a-z][a-z0-9-]*(/[a-z][a-z0-9-]*)?$"),
]
"""`workload` of the same team, or `team/workload`."""

WorkloadRef = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*$")]
"""A workload as seen from an environment file: `team/workload`."""

MountPath = Annotated[str, AfterValidator(_check_mount), _text(r"^[A-Za-z0-9_][A-Za-z0-9_./-]*$", maxLength=250)]
AuthMountPath = Annotated[
    str, AfterValidator(_check_auth_mount), _text(r"^[A-Za-z0-9_][A-Za-z0-9_./-]*$", maxLength=250)
]
SecretPath = Annotated[str, AfterValidator(_check_path), _text(r"^[A-Za-z0-9_][A-Za-z0-9_./-]*$", maxLength=250)]
FieldName = Annotated[str, AfterValidator(_check_field), _text(r"^\.?[A-Za-z_][A-Za-z0-9_.-]*$", maxLength=64)]
SqlIdentifier = Annotated[str, AfterValidator(_check_sql_identifier), _text(r"^[a-z_][a-z0-9_]*$", maxLength=63)]
Host = Annotated[str, AfterValidator(_check_host)]
HttpsUrl = Annotated[str, AfterValidator(_check_https_url), _text("^https://")]
Duration = Annotated[int, BeforeValidator(seconds), _text(DURATION_PATTERN)]
"""Seconds, written with a unit: `90d`, `24h`, `30m`, `15s`."""


def _check_network(text: str) -> str:
    try:
        # A zone may hold any character at all.
        network = ipaddress.ip_network(text if "%" not in text else "")
    except ValueError:
        raise refuse(f"{text[:60]!r} is no network", "write it as 10.1.0.0/16, without host bits") from None
    if network.prefixlen == 0:
        raise refuse(f"{text} admits every address", "leave it out to say so")
    return text


Networks = tuple[Annotated[str, AfterValidator(_check_network)], ...]
"""Networks such as `10.1.0.0/16`."""

Port = Annotated[
    int,
    # Text is welcome too: a port that comes from a stack's settings is text.
    BeforeValidator(
        lambda value: int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,5}", value) else value
    ),
    Field(strict=True, ge=1, le=65535),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 65535}, {"type": "string", "pattern": "^[0-9]{1,5}$"}]}
    ),
]
