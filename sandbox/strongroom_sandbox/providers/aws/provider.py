"""The stand-in provider `aws`: its connection, its table, its functions."""

from pathlib import Path

from ..frame.provider import StandIn
from .api import Aws
from .connector import AwsConnector
from .functions import FUNCTIONS
from .table import ROWS


def provider(credentials_file: Path) -> StandIn[Aws]:
    """Return the provider. The credentials are read from the file now, and again at each connection.

    Raises:
        StandInError: the file cannot be read or holds no credentials.
    """
    return StandIn(AwsConnector(credentials_file), ROWS, FUNCTIONS)
