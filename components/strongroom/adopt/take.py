"""Everything that a server has, as what people write."""

from strongroom.adopt.auth import take_auth
from strongroom.adopt.engines import take_engines
from strongroom.adopt.found import Found, Left, Reader, listed
from strongroom.adopt.identity import take_audit, take_identity, take_policies


def take(reader: Reader, flavour: str) -> Found:
    """What was found, and what stays as it is. Raises ServerError if the server cannot be read at all."""
    found = Found()
    take_engines(reader, found)
    take_auth(reader, found)
    take_policies(reader, found)
    take_identity(reader, found)
    take_audit(reader, found, flavour)
    for name in listed(reader, "sys/quotas/rate-limit", found.left):
        found.left.append(
            Left(f"sys/quotas/rate-limit/{name}", "quotas are not taken over: `vault.quotas` declares new ones")
        )
    found.left = sorted(set(found.left))
    return found
