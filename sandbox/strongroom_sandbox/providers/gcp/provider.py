"""The stand-in provider `gcp`: its file, its table, its functions."""

import sys
from pathlib import Path

from ..frame.provider import StandIn
from .cloud import NOTICE, Cloud
from .connector import GcpConnector
from .functions import FUNCTIONS
from .table import ROWS


def provider(file: Path) -> StandIn[Cloud]:
    """Return the provider, and say on stderr what it is not."""
    print(f"gcp: {NOTICE}: {file}", file=sys.stderr)
    return StandIn(GcpConnector(file), ROWS, FUNCTIONS)
