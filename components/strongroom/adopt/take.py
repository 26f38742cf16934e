"""Everything that a server has, as what people write."""

from collections.abc import Mapping
from typing import Final

from strongroom.adopt.auth import take_auth
from strongroom.adopt.engines import take_engines
from strongroom.adopt.found import Found, Left, Reader, listed
from strongroom.adopt.identity import take_audit, take_identity, take_policies

_QUOTAS: Final = "quotas are not taken over: `vault.quotas` declares new ones"
_MFA: Final = "login MFA is not taken over, as nobody can read a method's secrets: `vault.mfa` declares new ones"
_NOT_TAKEN: Final[Mapping[str, str]] = {
    "sys/quotas/rate-limit": _QUOTAS,
    "sys/quotas/lease-count": _QUOTAS,
    "identity/mfa/login-enforcement": _MFA,
    "identity/mfa/method": _MFA,
    "identity/oidc/client": "clients of the server's own OIDC provider cannot be declared here yet",
}
"""Where things are that are only listed, by name or, of MFA methods, by id; and why."""


def take(reader: Reader, flavour: str) -> Found:
    """What was found, and what stays as it is. Raises ServerError if the server cannot be read at all."""
    found = Found()
    take_engines(reader, found)
    take_auth(reader, found)
    take_policies(reader, found)
    take_identity(reader, found)
    take_audit(reader, found, flavour)
    for place, reason in _NOT_TAKEN.items():
        found.left += (Left(f"{place}/{name}", reason) for name in listed(reader, place, found.left))
    found.left = sorted(set(found.left))
    return found
