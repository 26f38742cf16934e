"""What belongs to one cloud is installed with its extra only; without it, the error says which."""

from importlib import import_module
from typing import Any, Final

from strongroom.errors import StrongroomError

CLOUDS: Final = ("aws", "azure", "gcp", "kubernetes")
"""Systems with an extra of their name: `pip install 'strongroom[aws]'`."""


def system_of(kind: str) -> str:
    """The first word of a record's kind."""
    return kind.partition(".")[0]


def load(kind: str, place: str) -> Any:
    """What stands at `module:name`, which a kind of record needs. Raises StrongroomError if it needs what is not
    installed."""
    module, _, name = place.partition(":")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if system_of(kind) not in CLOUDS or missing == "strongroom":
            raise
        raise StrongroomError(
            f"{missing} is not installed, which {kind} needs: `pip install 'strongroom[{system_of(kind)}]'`"
        ) from None
