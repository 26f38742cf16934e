"""The file on a control-plane node: for its owner only, and never half written."""

import os
import stat
from pathlib import Path
from uuid import uuid4

from strongroom.errors import WrongInputError


def differs(path: Path, data: bytes) -> str:
    """How what is there differs from what should be, in words; empty if it does not. Raises WrongInputError."""
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            return "is no regular file"
        if stat.S_IMODE(found.st_mode) & 0o077:
            return f"may be read by others (mode {stat.S_IMODE(found.st_mode):04o})"
        return "" if path.read_bytes() == data else "has other content"
    except FileNotFoundError:
        return "is not there"
    except OSError as error:
        problem = error.strerror
    raise WrongInputError(f"{path} cannot be looked at: {problem}")


def write(path: Path, data: bytes) -> None:
    """Writes a file of mode 0600 in one step, beside the old one first: an API server that reads it meanwhile reads
    either. Raises WrongInputError; what was there is as it was then.

    A name that leads elsewhere, or to a device such as /dev/stdout, is refused: the keys would go where nobody looks.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise WrongInputError(f"{path} is no regular file; name one, or one that is not there yet")
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        _write_beside(beside, path, data)
        return
    except OSError as error:
        problem = error.strerror
    raise WrongInputError(f"{path} cannot be written: {problem}; nothing was changed")


def _write_beside(beside: Path, path: Path, data: bytes) -> None:
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    # The new name outlives a loss of power only when its folder is written too.
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
