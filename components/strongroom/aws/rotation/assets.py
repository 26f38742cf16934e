"""The function's package as the engine takes it: compared by contents, whatever folder the files are in."""

from pathlib import Path

import pulumi

from strongroom.aws.rotation.package import contents
from strongroom.aws.rotation.strategy import Strategy


def code(strategy: Strategy, ca_file: Path | None = None, callback: Path | None = None) -> pulumi.AssetArchive:
    """The package.

    Raises:
        StrongroomError: A driver is not installed, or a file is missing.
    """
    files: dict[str, pulumi.Asset | pulumi.Archive] = {
        name: pulumi.FileAsset(str(path.absolute())) for name, path in contents(strategy, ca_file, callback).items()
    }
    return pulumi.AssetArchive(files)
