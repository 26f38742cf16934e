"""The stand-in provider `azure-native`: its file, its table, its functions."""

from pathlib import Path

from ..frame.provider import StandIn
from .arm import Arm
from .connector import AzureConnector
from .events import ROWS as EVENTS
from .functions import FUNCTIONS
from .identity import ROWS as IDENTITIES
from .key_vault import ROWS as VAULTS
from .network import ROWS as NETWORK


def provider(file: Path) -> StandIn[Arm]:
    """Return the provider. The file is made with the first resource."""
    return StandIn(AzureConnector(file), (*VAULTS, *IDENTITIES, *EVENTS, *NETWORK), FUNCTIONS)
