"""The file that a cluster's API servers are to have now: of what is declared, and of what the key store keeps."""

from pathlib import Path

from strongroom.errors import WrongInputError
from strongroom.kubernetes.encryption import file
from strongroom.kubernetes.encryption.document import IDENTITY, DocumentError
from strongroom.kubernetes.encryption.key_store import Kept
from strongroom.kubernetes.encryption.parse import parse
from strongroom.kubernetes.encryption.plan import EncryptionAtRest
from strongroom.kubernetes.encryption.render import render
from strongroom.kubernetes.encryption.ring import Ring


def current_file(record: EncryptionAtRest, kept: Kept) -> bytes:
    """The file, byte for byte.

    Raises WrongInputError if other resources are declared than the ring was made for. Those that are new lie in etcd in
    plain text, which the ring may not read, and an API server that does not know of them yet reads nothing else; those
    that are no longer named are encrypted, and would be read by nothing. Only a ring of plain text alone reads both.
    """
    if kept.covers and kept.covers != record.covers and kept.ring != Ring((IDENTITY,)):
        raise WrongInputError(
            f"{record.key}: the ring {kept.ring} was made for {kept.covers}, and declared is {record.covers}; API "
            "servers could not read what is in etcd of the difference. Declare it as it was; to change it, lead the "
            "cluster to plain text first (`provider: identity`, then `strongroom encryption rotate`), declare the "
            "others, and rotate back"
        )
    return render(record.configuration(kept.ring), kept.keys)


def place(path: Path, data: bytes, kept: Kept) -> str:
    """Puts the current file where API servers read it; returns how what was there differed, empty if it did not. To be
    called within `file.alone`, in which `kept` was read too.

    Raises WrongInputError if what is there has keys that the key store does not keep: nobody could read any more what
    they wrote.
    """
    difference = file.differs(path, data)
    if difference:
        if flaw := _lost_with(path, kept):
            raise WrongInputError(
                f"{path} {flaw}; what it wrote could not be read any more, and nothing was changed. If the cluster "
                "encrypts by that file, its keys are to be kept (`strongroom encryption init --take-over`). If the key "
                "store answered with an older version, or for another cluster, ask the right one; else move the file "
                "away"
            )
        file.write(path, data)
    return difference


def _lost_with(path: Path, kept: Kept) -> str:
    """What would be lost with a file; empty if nothing."""
    if not path.is_file() or not (data := path.read_bytes()):
        return ""
    try:
        _, keys = parse(data)
    except DocumentError as error:
        return f"cannot be understood ({error}), and may have keys that are nowhere else"
    lacking = kept.lacks(keys)
    return f"has keys that the key store does not keep ({lacking})" if lacking else ""
