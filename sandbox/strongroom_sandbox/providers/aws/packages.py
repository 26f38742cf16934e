"""A Lambda package from an asset archive: the same bytes for the same content, whenever and wherever it is made."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pulumi

from ..frame.errors import StandInError

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP file can name."""
_READABLE: Final = 0o644 << 16


def package_of(archive: Any) -> bytes:
    """Return the ZIP file of an archive.

    Raises:
        StandInError: it is remote, or a file that is not there.
    """
    if isinstance(archive, pulumi.FileArchive) and Path(archive.path).is_file():
        return Path(archive.path).read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in sorted(_files(archive)):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _READABLE
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, content)
    return packed.getvalue()


def code_hash(package: bytes) -> str:
    """Return the hash by which Lambda knows a package: SHA-256 in base64."""
    return base64.b64encode(hashlib.sha256(package).digest()).decode()


def _files(archive: Any, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    if isinstance(archive, pulumi.AssetArchive):
        for name, inner in archive.assets.items():
            if isinstance(inner, pulumi.Archive):
                yield from _files(inner, f"{prefix}{name}/")
            else:
                yield f"{prefix}{name}", _content(inner)
    elif isinstance(archive, pulumi.FileArchive) and Path(archive.path).is_dir():
        root = Path(archive.path)
        for path in sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"{prefix}{path.relative_to(root).as_posix()}", path.read_bytes()
    else:
        raise _unusable(archive)


def _content(asset: Any) -> bytes:
    if isinstance(asset, pulumi.StringAsset):
        return asset.text.encode()
    if isinstance(asset, pulumi.FileAsset) and Path(asset.path).is_file():
        return Path(asset.path).read_bytes()
    raise _unusable(asset)


def _unusable(thing: Any) -> StandInError:
    path = getattr(thing, "path", None)
    if path is None:
        return StandInError(f"the stand-in takes no {type(thing).__name__}: give files or texts")
    return StandInError(
        f"{str(path)!r} is not there: the stand-in does not run in the program's folder, so give an absolute path, or "
        "the content itself as a StringAsset"
    )
