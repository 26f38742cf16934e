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
    found = {f"{NAME}/{name}": path for name, path in _modules(_FUNCTION).items()}
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


def contents(strategy: Strategy, ca_file: Path | None = None, callback: Path | None = None) -> dict[str, Path]:
    """All that is in a package: path in it -> the file here, in order.

    Args:
        strategy: Such as `postgresql-single-user`.
        ca_file: PEM file of who vouches for databases, such as Amazon RDS's bundle. Default: whom the runtime trusts.
        callback: For `api-key`: a folder with `callback.py`, and what it imports; only `*.py` is taken.

    Raises:
        StrongroomError: The driver is not installed, a file is missing, or the callback's would replace ours.
    """
    found = files(strategy)
    if ca_file is not None:
        if not ca_file.is_file():
            raise StrongroomError(f"there is no file {ca_file}, which `ca_file` of a rotator names")
        found[CA_FILE] = ca_file
    if strategy != "api-key":
        return dict(sorted(found.items()))
    if callback is None or not (callback / CALLBACK).is_file():
        raise StrongroomError(
            f"the strategy api-key needs a {CALLBACK}, which makes, tests and revokes keys: {callback}"
        )
    theirs = _modules(callback)
    if taken := sorted(found.keys() & theirs.keys()):
        raise StrongroomError(f"{taken[0]} of the callback would replace a file of the rotation function: rename it")
    return dict(sorted((found | theirs).items()))


def package(strategy: Strategy, ca_file: Path | None = None, callback: Path | None = None) -> bytes:
    """The package as a zip file, for whoever deploys functions in another way. See `contents`."""
    return archive({name: path.read_bytes() for name, path in contents(strategy, ca_file, callback).items()})


def _modules(folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*.py") if "__pycache__" not in path.parts
    }


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
