"""Files that are either whole or absent, whatever is killed while they are written."""

import os
import secrets
from pathlib import Path

SECRET_MODE = 0o600
PUBLIC_MODE = 0o644


def write(path: Path, text: str, *, mode: int = PUBLIC_MODE) -> None:
    """Replace the contents of `path` in one step; a reader sees the old text or the new one, never a part.

    The file has its mode from the first byte on, so that a secret is at no moment readable by others.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)  # the umask may have narrowed what PostgreSQL's user must read
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def write_secret(path: Path, text: str) -> None:
    """Like `write`, readable and writable by the owner only (0600)."""
    write(path, text, mode=SECRET_MODE)
