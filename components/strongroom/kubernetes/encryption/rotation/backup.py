"""The backup of etcd that somebody vouches for before an old key goes."""

import hashlib
from pathlib import Path
from typing import Final

from strongroom.errors import WrongInputError

_SUM_BYTES: Final = 32
_BLOCK: Final = 1 << 20
_SECTOR: Final = 512


def check(name: str) -> None:
    """Of a file on this machine, checks that it is a whole snapshot: `etcdctl snapshot save` puts the SHA-256 of all
    that comes before at its end. Of a name in a backup system nothing can be checked, nor of either how old it is.

    Raises WrongInputError.
    """
    path = Path(name)
    if not path.is_file():
        if "/" in name and "://" not in name:
            raise WrongInputError(f"there is no snapshot {name}; name a file of this machine, or an id without slashes")
        return
    left = path.stat().st_size - _SUM_BYTES
    whole = hashlib.sha256()
    with path.open("rb") as file:
        while left > 0:
            block = file.read(min(_BLOCK, left))
            whole.update(block)
            left -= len(block)
        told = file.read()
    if path.stat().st_size % _SECTOR != _SUM_BYTES or told != whole.digest():
        raise WrongInputError(
            f"{name} is no whole snapshot of etcd: the checksum at its end is not that of what comes before; take "
            "another with `etcdctl snapshot save`"
        )
