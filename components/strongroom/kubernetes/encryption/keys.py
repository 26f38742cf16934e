"""Keys of a ring: 32 random bytes each, which nothing shows but the file and the store they are for."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Iterable, Mapping
from typing import Final, NoReturn

from strongroom.kubernetes.encryption.ring import KEYED, Entry, Kind

KEY_BYTES: Final = 32
"""What is made here: Kubernetes, "Encrypting Confidential Data at Rest", takes it for each local provider."""
LENGTHS: Final[Mapping[Kind, tuple[int, ...]]] = {"aescbc": (16, 24, 32), "aesgcm": (16, 24, 32), "secretbox": (32,)}
"""What an API server takes, in bytes: k8s.io/apiserver, `ValidateEncryptionConfiguration`."""


class Key:
    """The bytes of one key. Neither its text nor an error shows them, and it cannot be pickled."""

    __slots__ = ("_bytes",)

    def __init__(self, data: bytes) -> None:
        self._bytes = data

    @classmethod
    def new(cls) -> "Key":
        """32 bytes of the operating system's random source."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def of_base64(cls, text: str) -> "Key":
        """The key that stands in a file. Raises ValueError, without its text, if that is no base64."""
        try:
            return cls(base64.b64decode(text, validate=True))
        except (binascii.Error, ValueError):
            problem = ValueError("the key is no base64")
        # Raised out here, so that no exception is chained that holds the text.
        raise problem

    def base64(self) -> str:
        """As it stands in a file. For the file and the store only."""
        return base64.b64encode(self._bytes).decode()

    def __len__(self) -> int:
        return len(self._bytes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and hmac.compare_digest(self._bytes, other._bytes)

    def __hash__(self) -> int:
        return hash(Key)  # as keys are compared in constant time, nothing of one goes into its hash

    def __repr__(self) -> str:
        return f"Key({len(self)} bytes)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key cannot be pickled")


def next_entry(kind: Kind, known: Iterable[Entry]) -> Entry:
    """A further key of a provider, with a name that none of the known ones has: `key-3` after `key-2`.

    Two keys of one name, be it years apart, would make what the first one wrote unreadable: `known` are all that were
    ever kept. Raises ValueError for a provider whose keys are not in the file.
    """
    if kind not in KEYED:
        raise ValueError(f"{kind} has no keys of its own")
    numbers = [int(n) for entry in known if (n := entry.name.removeprefix("key-")).isdecimal() and n.isascii()]
    return Entry(kind, f"key-{max(numbers, default=0) + 1}")
