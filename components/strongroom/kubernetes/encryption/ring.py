"""The ring of one cluster: by what its API servers read what is in etcd, and by what they write. Names, never keys.

Kubernetes, "Encrypting Confidential Data at Rest": providers are tried in order; the first one, and its first key,
encrypts what is written.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["aescbc", "aesgcm", "secretbox", "kms", "identity"]
KEYED: Final[frozenset[Kind]] = frozenset({"aescbc", "aesgcm", "secretbox"})
"""The providers whose keys stand in the file."""
NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"
"""What keys and plugins are called here. A colon would end the prefix that the name is part of."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One way of reading: a key of a local provider, a KMS plugin, or plain text."""

    kind: Kind
    name: str = ""
    """Of the key, or of the plugin (version 2 of its interface); empty for `identity`."""

    @property
    def prefix(self) -> bytes:
        """How a value in etcd begins that was written so; of plain text nothing is known."""
        match self.kind:
            case "identity":
                return b""
            case "kms":
                return f"k8s:enc:kms:v2:{self.name}:".encode()
            case _:
                return f"k8s:enc:{self.kind}:v1:{self.name}:".encode()

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


@dataclass(frozen=True, slots=True)
class Ring:
    """What a configuration file says, in its order."""

    entries: tuple[Entry, ...]

    @property
    def writes(self) -> Entry:
        """By what is written."""
        return self.entries[0]

    def reads(self, entry: Entry) -> bool:
        """Whether what was written so can be read."""
        return entry in self.entries

    def __str__(self) -> str:
        return ", ".join(map(str, self.entries))


def ring_of(text: str) -> Ring:
    """The ring that `str(ring)` says. Raises ValueError if it is none."""
    entries = tuple(_entry_of(part) for part in text.split(", "))
    if len(set(entries)) != len(entries):
        raise ValueError("it names an entry twice")
    return Ring(entries)


def _entry_of(text: str) -> Entry:
    kind, colon, name = text.partition(":")
    if kind == "identity" and not colon:
        return Entry("identity")
    if kind in KEYED | {"kms"} and re.fullmatch(NAME, name):
        return Entry(kind, name)  # type: ignore[arg-type]
    raise ValueError("it has an entry that is neither <provider>:<name> nor `identity`")
