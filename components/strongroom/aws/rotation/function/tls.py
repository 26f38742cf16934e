"""TLS to the database: always, with a certificate of a known authority for the very name that is connected to."""

import ssl
from pathlib import Path
from typing import Final

from .configuration import Configuration

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def context_for(host: str, configuration: Configuration) -> ssl.SSLContext | None:
    """How a host must prove who it is; None: in plaintext, on loopback when the configuration asks for it."""
    if configuration.plaintext_on_loopback and host in LOOPBACK:
        return None
    return verifying(configuration.ca_file)


def verifying(ca_file: Path | None) -> ssl.SSLContext:
    """Trusts these authorities only, or the system's; checks certificate and name; TLS 1.2 at least."""
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
