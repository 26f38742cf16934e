"""The promise that a stand-in never touches anything but this machine."""

import ipaddress
from urllib.parse import urlsplit

from .errors import StandInError


def require_loopback(address: str) -> str:
    """Return `address` without a trailing slash.

    Raises:
        StandInError: it is not an http(s) URL of this machine's loopback interface.
    """
    url = urlsplit(address)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise StandInError(
            f"address {address!r} is no http(s) URL: give one such as https://127.0.0.1:8200 (no path, no credentials)"
        )
    if url.username or url.password:
        raise StandInError("the address holds credentials: give the token in a file instead (--token-file)")
    if not _is_loopback(url.hostname):
        raise StandInError(
            f"address {address!r} is not on loopback: this is a stand-in provider for the sandbox only and talks to "
            "127.0.0.0/8, ::1 and localhost. For any other server install the official provider plugin "
            "and run without PULUMI_DEBUG_PROVIDERS"
        )
    return address.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name: whoever answers for it decides where the token goes
        return False
