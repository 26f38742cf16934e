"""By what a value in etcd is written: its first bytes say it."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from strongroom.kubernetes.encryption.ring import NAME, Entry
from strongroom.kubernetes.encryption.rotation.seen import Stored

LONGEST: Final = 96
"""How many bytes say it: a prefix has at most 85."""
_ENCRYPTED: Final = b"k8s:enc:"
_LOCAL: Final = re.compile(rf"k8s:enc:(aescbc|aesgcm|secretbox):v1:({NAME}):".encode())
_KMS: Final = re.compile(rf"k8s:enc:kms:v2:({NAME}):".encode())


def entry_of(head: bytes) -> Entry | None:
    """The entry of a ring that wrote a value which begins so; None for an encrypted one of no known form."""
    if not head.startswith(_ENCRYPTED):
        return Entry("identity")
    if found := _LOCAL.match(head):
        return Entry(found[1].decode(), found[2].decode())  # type: ignore[arg-type]
    if found := _KMS.match(head):
        return Entry("kms", found[1].decode())
    return None


def counted(entries: Iterable[Entry | None]) -> Stored:
    """How many values were written by each."""
    by = Counter(entries)
    strange = by.pop(None, 0)
    return Stored(by={entry: count for entry, count in by.items() if entry is not None}, strange=strange)
