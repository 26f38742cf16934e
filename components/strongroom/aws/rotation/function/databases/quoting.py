"""What stands in a statement's text, as it cannot be bound."""

import re

from ..errors import RotationError


def quoted(name: str) -> str:
    """An identifier.

    Raises:
        RotationError: It has a character that no identifier can have.
    """
    if not name or "\0" in name:
        raise RotationError("a user's name is empty or has a NUL")
    return '"' + name.replace('"', '""') + '"'


def checked(stored: str) -> str:
    """A password's stored form, which needs no quoting between single quotes.

    Raises:
        RotationError: It would.
    """
    if not re.fullmatch(r"[A-Za-z0-9$:+/=-]+", stored):
        raise RotationError("a password's stored form has a character that it cannot have")
    return stored
