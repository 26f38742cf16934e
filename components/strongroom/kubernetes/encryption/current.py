"""The file that a cluster's API servers are to have now: of what is declared, and of what the key store keeps."""

from strongroom.errors import WrongInputError
from strongroom.kubernetes.encryption.document import IDENTITY
from strongroom.kubernetes.encryption.key_store import Kept
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
