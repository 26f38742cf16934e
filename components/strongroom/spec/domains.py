"""DNS names that certificates are issued for."""

import re
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from strongroom.spec.names import check_characters, refuse

_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"  # RFC 1123, section 2.1; in lower case, as servers compare
DOMAIN_PATTERN = rf"^{_LABEL}(\.{_LABEL})+$"


def _check_domain(text: str) -> str:
    if "*" in text:
        raise refuse("a domain with '*' would stand for names that nobody listed", "list each domain")
    if re.fullmatch(r"[0-9.]+", text) or ":" in text:
        raise refuse(f"'{text[:60]}' is an address and not a domain", "certificates are issued for names")
    if re.fullmatch(_LABEL, text):
        raise refuse(f"'{text}' is a single label: a top-level domain, or a name of no domain", "write a full name")
    return check_characters(text, "the domain", DOMAIN_PATTERN, "a-z0-9.-", 253)


Domain = Annotated[
    str, AfterValidator(_check_domain), WithJsonSchema({"type": "string", "pattern": DOMAIN_PATTERN, "maxLength": 253})
]
"""A DNS name of two labels or more, in lower case, without `*`."""


def lies_in(name: str, domain: str) -> bool:
    """Whether a name is a domain, or below it."""
    return name == domain or name.endswith(f".{domain}")
