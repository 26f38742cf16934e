"""Where a unix socket can lie: its path has room for 107 bytes (unix(7)), less than many a project folder needs."""

import hashlib
import os
import re
from pathlib import Path

LONGEST_SOCKET_PATH_BYTES = 107
SHORT = Path("/tmp")  # noqa: S108 - the folder made there is private and its owner checked
"""As PostgreSQL has it by default. $TMPDIR and $XDG_RUNTIME_DIR differ from shell to shell, but each must find the
same socket."""


def socket_directory(home: Path, socket_name: str) -> Path:
    """`home/socket` if a socket of this name fits there, else a short folder of our own for this home.

    Paths with commas and quotes, which libpq takes for lists, go there too.
    """
    near = home / "socket"
    if len(os.fsencode(near / socket_name)) <= LONGEST_SOCKET_PATH_BYTES and re.fullmatch(r"[\w ./+@:=-]+", str(near)):
        return near
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return SHORT / f"strongroom-{os.geteuid()}-{digest}"
