"""What goes into the Lambda function's package: our function, the one driver that its strategy needs, and no more.

Pure Python only, so that one package runs on every architecture and every Python runtime of Lambda. The runtime brings
boto3. The drivers are those that are installed here, pinned with hashes like everything else.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import Final

from strongroom.aws.rotation.strategy import Strategy, driver_of
from strongroom.errors import StrongroomError

NAME: Final = "strongroom_rotation"
HANDLER: Final = f"{NAME}.handler.handle"
CA_FILE: Final = "ca.pem"
CALLBACK: Final = "callback.py"

_POSTGRESQL: Final = ("pg8000", "scramp", "asn1crypto", "python-dateutil", "six")
DISTRIBUTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "postgresql": _POSTGRESQL,
    "redshift": _POSTGRESQL,
    "mysql": ("pymysql",),
    "documentdb": ("pymongo", "dnspython"),
    "api-key": (),
}
"""What connects to what -> the driver, with all that it requires."""
_FUNCTION: Final = Path(__file__).parent / "function"
_OF_A_DISTRIBUTION: Final = ("METADATA", "licenses", "LICENSE", "LICENSE.txt", "LICENCE", "COPYING", "NOTICE")
"""Its version, which drivers ask for, and its licence, which goes with every copy."""


def files(strategy: Strategy) -> dict[str, Path]:
    """Path in the package -> the file here, in order.

    Args:
        strategy: Such as `postgresql-single-user`.

    Raises:
        StrongroomError: The driver is not installed.
    """
    found = {
        f"{NAME}/{path.relative_to(_FUNCTION).as_posix()}": path
        for path in _FUNCTION.rglob("*.py")
        if "__pycache__" not in path.parts
    }
    for name in DISTRIBUTIONS[driver_of(strategy)]:
        found |= dict(_files_of(_installed(name)))
    return dict(sorted(found.items()))


def archive(contents: Mapping[str, bytes]) -> bytes:
    """A zip file, byte for byte the same for the same contents: no times, and not compressed, as no two versions of
    zlib need agree on that."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as written:
        for name, content in sorted(contents.items()):
            entry = zipfile.ZipInfo(name)  # of 1980, the first year that zip files know
            entry.create_system = 3  # Unix, wherever this runs: else the rights would be read as another system's
            entry.external_attr = 0o100644 << 16
            written.writestr(entry, content)
    return data.getvalue()


def package(strategy: Strategy, *, ca_pem: bytes | None = None, callback: Mapping[str, bytes] | None = None) -> bytes:
    """The package as a zip file.

    Args:
        strategy: Such as `postgresql-single-user`.
        ca_pem: Who vouches for databases, such as Amazon RDS's bundle. Default: those that the runtime trusts.
        callback: For `api-key`: `callback.py`, and what it imports.

    Raises:
        StrongroomError: The driver is not installed, or `api-key` has no callback.
    """
    contents = {name: path.read_bytes() for name, path in files(strategy).items()}
    if strategy == "api-key" and CALLBACK not in (callback or {}):
        raise StrongroomError(
            f"the strategy api-key needs a {CALLBACK}: the functions that make, test and revoke a key"
        )
    if taken := sorted(contents.keys() & (callback or {}).keys()):
        raise StrongroomError(f"{taken[0]} of the callback would replace a file of the rotation function: rename it")
    contents |= callback or {}
    return archive(contents | ({CA_FILE: ca_pem} if ca_pem else {}))


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise StrongroomError(
            f"the package {name} is not installed, which the rotation function needs: install strongroom[aws]"
        ) from None


def _files_of(installed: Distribution) -> Iterator[tuple[str, Path]]:
    for file in installed.files or ():
        path = PurePosixPath(file.as_posix())
        of_metadata = path.parts[0].endswith(".dist-info") and path.parts[1] in _OF_A_DISTRIBUTION
        if ".." not in path.parts and (path.suffix == ".py" or of_metadata):
            yield str(path), Path(str(installed.locate_file(file)))
