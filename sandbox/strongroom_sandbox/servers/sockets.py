"""Where a unix socket can lie: its path has room for 107 bytes (unix(7)), less than many a project folder needs."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

LONGEST_SOCKET_PATH_BYTES = 107


def socket_directory(home: Path, socket_name: str) -> Path:
    """`home/socket` if a socket of this name fits there, else a short folder of our own for this home.

    The short one is in `$XDG_RUNTIME_DIR` or the folder for temporary files. Paths with commas and quotes, which
    libpq takes for lists, go there too.
    """
    near = home / "socket"
    if len(os.fsencode(near / socket_name)) <= LONGEST_SOCKET_PATH_BYTES and re.fullmatch(r"[\w ./+@:=-]+", str(near)):
        return near
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"strongroom-{os.geteuid()}-{digest}"
