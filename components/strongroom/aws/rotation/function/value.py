"""A secret's value: what AWS documents as the JSON structure of database secrets, or any object for an API key."""

import json
from collections.abc import Mapping
from typing import Any, Final

from .errors import RotationError

_PORT_MOST: Final = 65535


class Value:
    """The fields of one version. Neither its text nor its repr shows one."""

    __slots__ = ("fields", "where")

    def __init__(self, fields: Mapping[str, Any], where: str) -> None:
        """Args: fields: The JSON object. where: Which secret and version it is of, for errors."""
        self.fields = dict(fields)
        self.where = where

    def __repr__(self) -> str:
        return f"<value of {self.where}>"

    @classmethod
    def parse(cls, text: str, where: str) -> "Value":
        """Raises: RotationError: It is no JSON object."""
        fields = _json(text)
        if not isinstance(fields, dict):
            raise RotationError(f"{where} is no JSON object: write it as AWS's rotation functions want it")
        return cls(fields, where)

    def text(self) -> str:
        """As JSON."""
        return json.dumps(self.fields)

    def with_fields(self, **changes: str) -> "Value":
        """The same with other fields."""
        return Value(self.fields | changes, self.where)

    def field(self, name: str) -> str:
        """A field that must be there.

        Raises:
            RotationError: It is not, or it is no text.
        """
        found = self.fields.get(name)
        if not isinstance(found, str) or not found:
            raise RotationError(f"{self.where} has no `{name}`, or it is no text")
        return found

    def optional(self, name: str) -> str | None:
        """A field that may be missing, empty or null."""
        return self.field(name) if self.fields.get(name) else None

    @property
    def username(self) -> str:
        return self.field("username")

    @property
    def password(self) -> str:
        return self.field("password")

    @property
    def host(self) -> str:
        return self.field("host")

    def port(self, default: int) -> int:
        """The port, which AWS writes as a number and people as a text.

        Raises:
            RotationError: It is none.
        """
        found = self.fields.get("port", default)
        if isinstance(found, str) and found.isascii() and found.isdigit():
            found = int(found)
        if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= _PORT_MOST:
            raise RotationError(f"{self.where}: `port` is no port, 1 to {_PORT_MOST}")
        return found


def _json(text: str) -> Any:
    # A decoder's error holds the whole text: it is dropped here, so that none is chained to ours.
    try:
        return json.loads(text)
    except ValueError:
        return None
