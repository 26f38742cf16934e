"""The file on a control-plane node: for its owner only, never half written, and by one writer at a time."""

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

from strongroom.errors import WrongInputError

PATIENCE: Final = 60.0
"""Seconds in which another writer has to be done: it asks the key store and writes one file."""
_PAUSE: Final = 0.2


@contextmanager
def alone(path: Path, sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Keeps every other writer of the file away. Whoever asks the key store does so in here: of two who write, the
    slower one would else put back an older ring, by which API servers cannot read what others wrote since.

    Raises WrongInputError if the path is that of something else than a file, others may change its folder, or another
    writer is not done in time.
    """
    _check_regular(path)
    _check_folder(path)
    lock = path.with_name(f".{path.name}.lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise WrongInputError(f"{path} cannot be written: {error.strerror}; nothing was changed") from None
    try:
        _wait_for(descriptor, path, sleep)
        _clear_after_the_killed(path)
        yield
    finally:
        os.close(descriptor)  # and with it the lock, as when the process ends in any other way


def differs(path: Path, data: bytes) -> str:
    """How what is there differs from what should be, in words; empty if it does not. Raises WrongInputError."""
    _check_folder(path)
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

    It belongs to whom the old one belonged, as API servers may run as somebody else. A name that leads elsewhere, or to
    a device such as /dev/stdout, is refused: the keys would go where nobody looks.
    """
    _check_regular(path)
    try:
        _write_beside(path.with_name(f".{path.name}.{uuid4().hex}"), path, data)
        return
    except OSError as error:
        problem = error.strerror
    raise WrongInputError(f"{path} cannot be written: {problem}; nothing was changed")


def _check_regular(path: Path) -> None:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise WrongInputError(f"{path} is no regular file; name one, or one that is not there yet")


def _check_folder(path: Path) -> None:
    """Whoever may change a folder above the file may put another file there, with keys that they know."""
    try:
        folder = path.parent.resolve(strict=True)
        for number, above in enumerate((folder, *folder.parents)):
            found = above.stat()
            if not number and found.st_uid not in {0, os.geteuid()}:
                problem = f"belongs to user {found.st_uid}, who could put another file there"
            elif found.st_mode & 0o022 and not (number and found.st_mode & stat.S_ISVTX):
                problem = f"may be changed by others (mode {stat.S_IMODE(found.st_mode):04o})"
            else:
                continue
            raise WrongInputError(
                f"{above}, in which {path} lies, {problem}; use a folder that only its owner may change, you or root"
            )
    except OSError as error:
        raise WrongInputError(f"{path} cannot be looked at: {error.strerror}") from None


def _wait_for(descriptor: int, path: Path, sleep: Callable[[float], None]) -> None:
    for _ in range(int(PATIENCE / _PAUSE)):
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        sleep(_PAUSE)
    raise WrongInputError(f"another command has been writing {path} for {PATIENCE:g} seconds; see why, and repeat")


def _clear_after_the_killed(path: Path) -> None:
    """What a writer leaves that is killed: a file beside the other, which may have keys."""
    for left in path.parent.glob(f".{path.name}.{'[0-9a-f]' * 32}"):
        with suppress(OSError), left.open("rb") as file:  # gone meanwhile, or its writer lives
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _write_beside(beside: Path, path: Path, data: bytes) -> None:
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # says that its writer lives
            if path.exists() and (old := path.stat()) and (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), old.st_uid, old.st_gid)
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
