"""What belongs to one cloud is installed with its extra only; without it, the error says which."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from strongroom.errors import StrongroomError

CLOUDS: Final = ("aws", "azure", "gcp")
"""Systems with an extra of their name: `pip install 'strongroom[aws]'`."""


@contextmanager
def installed(kind: str) -> Iterator[None]:
    """Within it, what a kind of record needs is imported. Raises StrongroomError if that is not installed."""
    system = kind.partition(".")[0]
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if system not in CLOUDS or missing == "strongroom":
            raise
        raise StrongroomError(
            f"{missing} is not installed, which {kind} needs: `pip install 'strongroom[{system}]'`"
        ) from None
