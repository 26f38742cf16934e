"""The stand-in provider `vault`: its connection and its table."""

from pathlib import Path

from ..frame.provider import StandIn
from .api import Vault
from .connector import VaultConnector
from .table import ROWS


def provider(token_file: Path) -> StandIn[Vault]:
    """Return the provider. The token is read from the file once, now.

    Raises:
        StandInError: the file cannot be read or is empty.
    """
    return StandIn(VaultConnector(token_file), ROWS)
